import { type Call, formatDuration } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { GuestAgent } from "./guestAgent.js";

const agentLimitMs = 6 * 60_000;
const servicesLimitMs = 5 * 60_000;
/** From its start until a machine is up. */
export const bootLimitMs = agentLimitMs + servicesLimitMs;
const tellMs = 5000;
/** Ends with 0 where systemd has started all that is to be started, whether all of that went well or not. */
const bootedScript = "systemctl is-system-running --wait >/dev/null || [ $? -eq 1 ]";

/** Waits until a machine that was started is up, Docker included. @throws where its guest agent does not tell so in time */
export async function awaitBoot(
  libvirt: Libvirt,
  domain: string,
  name: string,
  call: Pick<Call<unknown>, "signal" | "status">,
): Promise<void> {
  const agent = new GuestAgent(libvirt, domain, call.signal);
  await agent.ready(agentLimitMs, (elapsed) =>
    call.status(`waiting for ${name} to be up, ${formatDuration(Math.floor(elapsed / tellMs) * tellMs)}`),
  );
  call.status(`waiting for ${name} to be up: its services start`);
  const { code, stderr } = await agent.run(bootedScript, servicesLimitMs);
  if (code !== 0)
    throw new Error(`${name}: whether it is up is not known: ${stderr.trim() || `exit code ${code}`}`);
}
