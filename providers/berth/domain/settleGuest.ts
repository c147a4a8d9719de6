import type { Call } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { GuestAgent } from "./guestAgent.js";
import { type GuestSetup, guestScript } from "./guestScript.js";

/** A machine that boots cold gets here before its first boot is over. */
const agentLimitMs = 10 * 60_000;
const scriptLimitMs = 3 * 60_000;

/** Has a running guest mount its data disks and give its interfaces their addresses. @throws with its own words */
export async function settleGuest(
  libvirt: Libvirt,
  domain: string,
  name: string,
  setup: GuestSetup,
  call: Pick<Call<unknown>, "signal" | "status">,
): Promise<void> {
  const agent = new GuestAgent(libvirt, domain, call.signal);
  await agent.ready(agentLimitMs, () => call.status(`waiting for the guest agent of ${name}`));
  const { code, stderr } = await agent.run(guestScript(setup), scriptLimitMs);
  if (code !== 0) throw new Error(`${name}: its disks and interfaces are not as asked: ${stderr.trim()}`);
}

/** Whether there is anything for the guest to do. */
export function concernsGuest({ disks, interfaces }: GuestSetup): boolean {
  return (
    Object.values(disks).some(({ mount }) => mount !== undefined) ||
    Object.values(interfaces).some(({ address }) => address !== undefined)
  );
}
