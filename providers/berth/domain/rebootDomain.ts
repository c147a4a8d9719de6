import type { Call } from "../../kit/index.js";
import { poll } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { awaitBoot } from "./awaitBoot.js";
import { GuestAgent } from "./guestAgent.js";

const agentLimitMs = 10_000;
const scriptLimitMs = 30_000;
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
  let isOrdered = await order(libvirt, domain);
  await poll({
    what: `${domain} to boot anew`,
    signal: call.signal,
    status: call.status,
    until: async () => {
      const { code, stdout } = await agent.run(bootId, scriptLimitMs);
      if (code === 0 && stdout !== before) return true;
      if (!isOrdered) isOrdered = await order(libvirt, domain);
      return false;
    },
    // No agent answers while it is on its way down or up.
    retry: () => true,
  });
  await awaitBoot(libvirt, domain, domain, call);
}

/**
 * Tells a guest to reboot itself. False where its agent says that this went wrong: one that is still on its way up refuses, and one that
 * does reboot may end what was to say so.
 */
async function order(libvirt: Libvirt, domain: string): Promise<boolean> {
  try {
    await libvirt.run(["reboot", domain, "--mode", "agent"]);
    return true;
  } catch (error) {
    if (/guest-shutdown|guest agent/i.test((error as Error).message)) return false;
    throw error;
  }
}
