import type { Call } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { domainDisks, snapshotDisks } from "../domain/domainDisks.js";
import { deleteSnapshot } from "./deleteSnapshot.js";
import { diskNodes } from "./diskNodes.js";
import { describe, snapshotXml } from "./snapshotXml.js";
import { type Still, standStill } from "./standStill.js";
import type { Consistency, MachineRef } from "./types.js";
import { withLibvirts } from "./withLibvirts.js";

const undoLimitMs = 120_000;

export interface SnapshotRequest {
  readonly name: string;
  readonly description: string;
  /** With what is in memory, so that the machines go on where they were. */
  readonly memory: boolean;
  readonly machines: readonly MachineRef[];
}

/**
 * Takes a snapshot of machines, all at one point in time: each stands still from before the first until after the last. It lies
 * in the machine's own disks. Where one can't be taken, none is left.
 *
 * @returns what it can be relied on for, by the machine's name
 */
export async function takeSnapshots(
  { name, description, memory, machines }: SnapshotRequest,
  call: Pick<Call<unknown>, "signal" | "log" | "status">,
): Promise<{ readonly taken: string; readonly consistency: Record<string, Consistency> }> {
  return withLibvirts(machines, call.signal, async (all) => {
    for (const { machine, libvirt } of all) await refuse(name, machine, libvirt);
    const done: Still[] = [];
    const taken = new Date();
    try {
      call.status(`taking the snapshot "${name}" of ${machines.map((one) => one.name).join(", ")}`);
      await standStill(all, { memory }, call, async (still) => {
        for (const one of still) {
          done.push(one);
          await takeDisks(one, name, description, memory);
        }
      });
      // What is left to do is libvirt's own bookkeeping, and no machine has to wait for it.
      for (const one of done) {
        if (!byLibvirt(one, memory)) await record(one, name, description, taken);
      }
    } catch (error) {
      const signal = AbortSignal.timeout(undoLimitMs);
      for (const { libvirt, machine, power } of done) {
        await deleteSnapshot(libvirt, machine.domain, name, {
          unrecorded: power !== "stopped" && !memory,
          signal,
        }).catch(() => {});
      }
      throw error;
    }
    return {
      taken: taken.toISOString(),
      consistency: Object.fromEntries(done.map(({ machine, consistency }) => [machine.name, consistency])),
    };
  });
}

/** Whether libvirt takes it itself; with QEMU it takes none of a running machine's disks alone. */
function byLibvirt({ power }: Still, memory: boolean): boolean {
  return memory || power === "stopped";
}

/** Before any machine has to stand still. */
async function refuse(name: string, { name: machine, domain }: MachineRef, libvirt: Libvirt): Promise<void> {
  const xml = await libvirt.find(["dumpxml", domain]);
  if (xml === undefined) throw new Error(`${machine} is not there: ${libvirt.uri} has no domain ${domain}.`);
  try {
    snapshotDisks(xml);
  } catch (error) {
    throw new Error(`${machine} can't have a snapshot: ${(error as Error).message}`, { cause: error });
  }
  const names = (await libvirt.run(["snapshot-list", domain, "--name"])).split("\n");
  if (names.includes(name)) {
    throw new Error(
      `${machine} has a snapshot "${name}" already. Choose another name, or delete that one ("berth snapshot delete ${name}").`,
    );
  }
}

async function takeDisks(still: Still, name: string, description: string, memory: boolean): Promise<void> {
  const { libvirt, machine, consistency } = still;
  const { domain } = machine;
  try {
    if (byLibvirt(still, memory)) {
      const words = describe(description, consistency);
      await libvirt.run(["snapshot-create-as", domain, name, "--description", words]);
      return;
    }
    const nodes = await diskNodes(libvirt, domain);
    const actions = nodes.map((device) => ({
      type: "blockdev-snapshot-internal-sync",
      data: { device, name },
    }));
    await libvirt.askQemu(domain, { execute: "transaction", arguments: { actions } });
  } catch (error) {
    throw new Error(
      `the snapshot "${name}" of ${machine.name} could not be taken: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

async function record(
  { libvirt, machine, consistency }: Still,
  name: string,
  description: string,
  taken: Date,
) {
  const xml = await libvirt.run(["dumpxml", "--inactive", "--security-info", machine.domain]);
  const inside = snapshotDisks(xml).map(({ target }) => target);
  const none = domainDisks(xml)
    .map(({ target }) => target)
    .filter((target) => !inside.includes(target));
  const words = describe(description, consistency);
  const file = await libvirt.file("snapshot.xml", snapshotXml(name, words, taken, { inside, none }, xml));
  await libvirt.run(["snapshot-create", machine.domain, file, "--redefine"]);
}
