import { mkdtemp, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { awaitBoot } from "../../providers/berth/domain/awaitBoot.js";
import { removeVolumes } from "../../providers/berth/domain/dataDisks.js";
import { domainDisks } from "../../providers/berth/domain/domainDisks.js";
import { isOn } from "../../providers/berth/domain/power.js";
import { removeDomain } from "../../providers/berth/domain/removeDomain.js";
import { shutDown } from "../../providers/berth/domain/shutDown.js";
import type { DomainInputs } from "../../providers/berth/domain/types.js";
import type { MachineRef } from "../../providers/berth/snapshot/types.js";
import { type Call, duration, poll } from "../../providers/kit/index.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import { powerOf } from "../../providers/virsh/powerOf.js";
import { volumeSize } from "../../providers/virsh/volumeSize.js";
import { backUpMachines } from "../backup/machine/backUpMachines.js";
import { writtenDisks } from "../backup/machine/copyDisks.js";
import { downloadVolume } from "../backup/machine/downloadVolume.js";
import { replaceDisk, startApart } from "../backup/machine/restoreMachine.js";
import { uploadVolume } from "../backup/machine/uploadStored.js";
import { expectFacts } from "../backup/machine/verifyBackup.js";
import type { Backup } from "../backup/repository/manifest.js";
import type { Repository } from "../backup/repository/repository.js";
import { changedParts } from "./changedParts.js";
import { type Readdressing, readdress } from "./readdress.js";
import { removeStaged, stageDisk, stagedPrefix, stageParts } from "./stagedDisk.js";
import { describeThere, diskPaths, inputsThere, type Place, seedOf } from "./targetDomain.js";

const backLimitMs = 15 * 60_000;
const detachLimitMs = 60_000;

/** A machine that goes from one hypervisor to another. */
export interface Move {
  readonly stack: string;
  readonly source: MachineRef;
  /** What it was made with, where it is. */
  readonly inputs: DomainInputs;
  readonly place: Place;
  /** What changes of its addresses. None: it keeps them. */
  readonly addresses?: Readdressing;
  /** Local folder for what is on its way. */
  readonly temporary: string;
}

/** Copies a machine's disks to where it is to be, as they are at one point in time. It runs on, where it runs. */
export async function copyAhead(repository: Repository, move: Move, call: Call<unknown>): Promise<Backup> {
  const { stack, source, place, temporary } = move;
  const [copy] = await backUpMachines(repository, { stack, machines: [source], temporary }, call);
  await Libvirt.with(place.uri, call.signal, async (to) => {
    for (const [target, stored] of Object.entries(copy!.disks)) {
      call.status(`${source.name}: bringing ${target} to ${place.name}`);
      await stageDisk(to, repository, staged(move, target), stored, temporary, call);
    }
  });
  return copy!;
}

/**
 * Has the machine shut itself down where it is, brings what it has written since it was copied, and makes it, whole, where it is to
 * be. It runs nowhere then.
 */
export async function bringOver(
  repository: Repository,
  move: Move,
  copy: Backup,
  call: Call<unknown>,
): Promise<void> {
  const { stack, source, inputs, place, temporary } = move;
  const { domain, name } = source;
  await Libvirt.with(source.uri, call.signal, (from) =>
    Libvirt.with(place.uri, call.signal, async (to) => {
      // Whatever restarts its hypervisor from now on does not start it beside the other.
      await from.run(["autostart", domain, "--disable"]);
      const graceMs = duration(inputs.stopGrace);
      const stopped = await shutDown(from, domain, { name, graceMs }, call);
      const xml = await from.run(["dumpxml", "--inactive", "--security-info", domain]);
      if (stopped !== undefined || copy.consistency !== "off") {
        const [last] = await backUpMachines(repository, { stack, machines: [source], temporary }, call);
        for (const [target, stored] of Object.entries(last!.disks)) {
          const parts = changedParts(copy.disks[target]!, stored, repository.chunkBytes);
          call.status(`${name}: bringing what has changed of ${target} (parts: ${parts.length})`);
          await stageParts(to, repository, staged(move, target), parts, temporary, call);
        }
      }
      await make(from, to, move, xml, call);
    }),
  );
}

/** Starts the machine where it is to be, where it is to run, and waits until it is what it was. */
export async function startThere(
  { source, inputs, place, addresses }: Move,
  copy: Pick<Backup, "id" | "facts"> | undefined,
  call: Call<unknown>,
): Promise<void> {
  if (inputs.power !== "running") return;
  const { domain, name } = source;
  await Libvirt.with(place.uri, call.signal, async (to) => {
    call.status(`${name}: starting on ${place.name}`);
    if (addresses === undefined) {
      if ((await powerOf(to, domain)) !== "running") await to.run(["start", domain]);
      await awaitBoot(to, domain, name, call);
    } else {
      const xml = await to.run(["dumpxml", "--inactive", "--security-info", domain]);
      const become = () => readdress(to, domain, addresses, call.signal);
      await startApart(to, { domain, name, xml }, become, call);
    }
    if (copy?.facts !== undefined) await expectFacts(to, domain, copy, call);
    await releaseSeed(to, source, call);
  });
}

/**
 * Takes away what there is of the machine where it was to be, and has it run again where it is.
 *
 * @param got how far it got: nothing was done to it where it is; it was asked to shut itself down, which a guest does not take back;
 *   its start at the target was begun
 */
export async function goBack(
  { source, inputs, place }: Move,
  got: "copying" | "stopping" | "starting",
  call: Call<unknown>,
): Promise<void> {
  const signal = AbortSignal.timeout(backLimitMs);
  const { domain, name } = source;
  const clear = () => Libvirt.with(place.uri, signal, (to) => removeFrom(to, place.pool, domain, inputs));
  // It never runs twice; but a target that is out of reach, and on which it was not started, does not keep it off.
  if (got === "starting") await clear();
  await Libvirt.with(source.uri, signal, async (from) => {
    if (inputs.autostart) await from.run(["autostart", domain]);
    if (inputs.power !== "running") return;
    if (got !== "copying")
      await shutDown(from, domain, { name, graceMs: duration(inputs.stopGrace) }, { ...call, signal });
    if (isOn(await powerOf(from, domain))) return;
    await from.run(["start", domain]);
    await awaitBoot(from, domain, name, { signal, status: call.status });
    call.log("warning", `${name} runs where it was again`);
  });
  if (got !== "starting") await clear();
}

/** Removes a machine, its disks, and what is on its way of it, from a hypervisor. What has gone already is fine. */
export async function removeFrom(
  libvirt: Libvirt,
  pool: string,
  domain: string,
  inputs: DomainInputs,
): Promise<void> {
  if ((await libvirt.find(["dumpxml", "--inactive", domain])) !== undefined) {
    await end(libvirt, domain);
    const paths = await diskPaths(libvirt, { ...inputs, root: { ...inputs.root, pool } });
    await removeVolumes(libvirt, pool, [...paths.keys()]);
    await removeDomain(libvirt, domain);
  }
  await removeStaged(libvirt, pool, domain);
}

/** Also one that is being started for somebody who does not wait for that any more: libvirt does not call it running yet. */
async function end(libvirt: Libvirt, domain: string): Promise<void> {
  try {
    await libvirt.run(["destroy", domain]);
  } catch (error) {
    if (isOn(await powerOf(libvirt, domain))) throw error;
  }
}

/** The domain comes before its disks, marked as one that is not whole: whatever cuts this off leaves nothing unknown. */
async function make(from: Libvirt, to: Libvirt, move: Move, xml: string, call: Call<unknown>): Promise<void> {
  const { source, inputs, place } = move;
  const { domain, name } = source;
  const there = await inputsThere(to, inputs, place);
  const seed = await bringSeed(from, to, xml, move);
  const define = async (whole: boolean) => {
    const text = await describeThere(to, there, { uuid: domain, xml, whole, ...seed });
    await to.run(["define", await to.file("domain.xml", text)]);
  };
  await define(false);
  call.status(`${name}: its disks are made on ${place.name}`);
  for (const { target, path } of writtenDisks(xml)) {
    const incoming = `${stagedPrefix(domain)}${target}`;
    const { pool } = place;
    const capacity = (await volumeSize(to, { pool, name: incoming }))!;
    await replaceDisk(to, { pool, volume: basename(path), capacity, incoming });
  }
  await define(true);
}

/** Brings the first-boot seed that a machine's description names, where it has one: where it lay, and lies there. */
export async function bringSeed(
  from: Libvirt,
  to: Libvirt,
  xml: string,
  { source, place, temporary }: Pick<Move, "source" | "place" | "temporary">,
): Promise<{ readonly here: string; readonly seed: string } | undefined> {
  const here = seedOf(xml);
  if (here === undefined) return undefined;
  const home = await from.run(["vol-pool", here]);
  const folder = await mkdtemp(join(temporary, "berth-move-"));
  try {
    const local = join(folder, "seed");
    await downloadVolume(from, { pool: home, volume: basename(here) }, local);
    const volume = `${stagedPrefix(source.domain)}seed`;
    return { here, seed: await uploadVolume(to, { pool: place.pool, volume }, local) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** It goes when the update has described the machine with its own; the one that runs has no need of it, as a fork has none. */
async function releaseSeed(
  to: Libvirt,
  { domain, name }: Pick<MachineRef, "domain" | "name">,
  call: Call<unknown>,
): Promise<void> {
  const prefix = stagedPrefix(domain);
  const target = async () => {
    const xml = await to.run(["dumpxml", domain]);
    return domainDisks(xml).find(({ path }) => basename(path).startsWith(prefix))?.target;
  };
  const seed = await target();
  if (seed === undefined) return;
  await to.run(["detach-disk", domain, seed, "--live"]);
  await poll({
    what: `${name} to let go of its seed`,
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(detachLimitMs)]),
    status: call.status,
    every: 500,
    until: async () => (await target()) === undefined,
  });
}

function staged({ source, place }: Move, target: string) {
  return { pool: place.pool, volume: `${stagedPrefix(source.domain)}${target}` };
}
