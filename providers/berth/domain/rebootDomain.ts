import type { Call } from "../../kit/index.js";
import { poll } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { awaitBoot } from "./awaitBoot.js";
import { GuestAgent } from "./guestAgent.js";

const agentLimitMs = 10_000;
const scriptLimitMs = 30_000;
const orderLimitMs = 5 * 60_000;
const bootId = "cat /proc/sys/kernel/random/boot_id";

/** Has a guest reboot itself, and waits until it is up again. @throws where it does not run, or its agent does not answer */
export async function rebootDomain(
  libvirt: Libvirt,
  domain: string,
  call: Pick<Call<unknown>, "signal" | "status">,
): Promise<void> {
  const agent = new GuestAgent(libvirt, domain, call.signal);
  await agent.ready(agentLimitMs);
  const { stdout: before } = await agent.run(bootId, scriptLimitMs);
  await poll({
    what: `${domain} to take the order to reboot`,
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(orderLimitMs)]),
    until: async () => {
      await libvirt.run(["reboot", domain, "--mode", "agent"]);
      return true;
    },
    // The agent answers early in a boot; what it would reboot with does later.
    retry: ({ message }) => /guest-shutdown/.test(message),
  });
  await poll({
    what: `${domain} to boot anew`,
    signal: call.signal,
    status: call.status,
    until: async () => {
      const { code, stdout } = await agent.run(bootId, scriptLimitMs);
      return code === 0 && stdout !== before;
    },
    // No agent answers while it is on its way down or up.
    retry: () => true,
  });
  await awaitBoot(libvirt, domain, domain, call);
}
