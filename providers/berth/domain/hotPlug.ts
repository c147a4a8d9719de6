import { type Call, poll } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { script } from "../engine/shell.js";
import { readDomainXml } from "./domainXml.js";
import { GuestAgent } from "./guestAgent.js";
import type { DomainInputs } from "./types.js";

const agentLimitMs = 30_000;
const guestLimitMs = 60_000;
const balloonLimitMs = 60_000;
const kibibytes = 1024;

/** Linux leaves to user space whether added memory and processors are taken into use. */
const onlineScript = script(
  "for state in /sys/devices/system/memory/memory*/state; do",
  '  [ "$(cat "$state")" != offline ] || echo online >"$state" || exit 1',
  "done",
  "for online in /sys/devices/system/cpu/cpu*/online; do",
  '  [ ! -e "$online" ] || [ "$(cat "$online")" = 1 ] || echo 1 >"$online" || exit 1',
  "done",
);

/** Gives a running machine its memory and processors, within what it was started for. */
export async function hotPlug(
  libvirt: Libvirt,
  domain: string,
  { name, memoryMiB, cpus }: Pick<DomainInputs, "name" | "memoryMiB" | "cpus">,
  call: Call<unknown>,
): Promise<void> {
  const live = readDomainXml(await libvirt.run(["dumpxml", domain]));
  const agent = new GuestAgent(libvirt, domain, call.signal);
  await agent.ready(agentLimitMs);
  if (cpus > live.cpus) await libvirt.run(["setvcpus", domain, String(cpus), "--live"]);
  const added = memoryMiB - live.memoryMiB;
  if (added > 0) {
    const dimm = `<memory model="dimm"><target><size unit="MiB">${added}</size><node>0</node></target></memory>`;
    await libvirt.run(["attach-device", domain, await libvirt.file("dimm.xml", dimm), "--live"]);
  }
  const { code, stderr } = await agent.run(onlineScript, guestLimitMs);
  if (code !== 0)
    throw new Error(`${name} does not take its new memory or processors into use: ${stderr.trim()}`);
  // The guest takes processors out of use by itself; the machine keeps them until it starts anew.
  if (cpus < live.cpus) await libvirt.run(["setvcpus", domain, String(cpus), "--guest"]);
  await setBalloon(libvirt, domain, name, memoryMiB, call);
}

/** What is above `memoryMiB` the guest gives back, as far as it can do without. */
async function setBalloon(
  libvirt: Libvirt,
  domain: string,
  name: string,
  memoryMiB: number,
  call: Call<unknown>,
): Promise<void> {
  await libvirt.run(["setmem", domain, `${memoryMiB}MiB`, "--live"]);
  const actual = async () =>
    Number(/^actual (\d+)$/m.exec(await libvirt.run(["dommemstat", domain]))?.[1] ?? 0) / kibibytes;
  try {
    await poll({
      what: `${name} to have ${memoryMiB} MiB`,
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(balloonLimitMs)]),
      status: call.status,
      every: 500,
      until: async () => Math.round(await actual()) === memoryMiB,
    });
  } catch (error) {
    call.signal.throwIfAborted();
    call.log(
      "warning",
      `${name} has ${Math.round(await actual())} MiB and can't do with ${memoryMiB} as it runs; its next start gives it that. ${(error as Error).message}`,
    );
  }
}
