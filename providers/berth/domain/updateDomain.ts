import { isDeepStrictEqual } from "node:util";
import { type Call, duration, type UpdateRequest } from "../../kit/index.js";
import { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import { awaitBoot } from "./awaitBoot.js";
import { answering, awaitResidents } from "./awaitResidents.js";
import { ceilingOf } from "./ceilingOf.js";
import { changeEffect } from "./changeEffect.js";
import {
  type DataVolume,
  dataVolumes,
  makeVolumes,
  ownVolumes,
  refuseTakenVolumes,
  removeVolumes,
} from "./dataDisks.js";
import { defineDomain } from "./defineDomain.js";
import { readDomainXml } from "./domainXml.js";
import { growDisk, growRoot } from "./growRoot.js";
import { hotPlug } from "./hotPlug.js";
import { inTurn } from "./inTurn.js";
import { plugDevices, unplugDevices } from "./liveDevices.js";
import { isOn } from "./power.js";
import { setPower } from "./setPower.js";
import { concernsGuest, settleGuest } from "./settleGuest.js";
import { shutDown } from "./shutDown.js";
import type { DomainInputs, DomainState } from "./types.js";

/** Changes a machine on its disk: in place where that goes, else with one restart, which its guest does itself. */
export async function updateDomain(
  { id, state, oldInputs, inputs }: UpdateRequest<DomainInputs, DomainState>,
  call: Call<unknown>,
): Promise<DomainState> {
  return Libvirt.with(inputs.uri, call.signal, async (libvirt) => {
    const found = await powerOf(libvirt, id);
    const request = { id, state: { ...state, power: found }, oldInputs, inputs };
    const restarts = changeEffect(request.state, oldInputs, inputs).kind === "restart";
    if (!restarts) return change(libvirt, request, false, call);
    call.status(`waiting for the turn of ${inputs.name} to restart`);
    return inTurn(call.signal, async () => {
      const before = await answering(inputs.residents);
      const changed = await change(libvirt, request, true, call);
      await awaitResidents(inputs.name, before, call);
      return changed;
    });
  });
}

async function change(
  libvirt: Libvirt,
  { id, state, oldInputs, inputs }: UpdateRequest<DomainInputs, DomainState>,
  restarts: boolean,
  call: Call<unknown>,
): Promise<DomainState> {
  const { name, root, autostart, power } = inputs;
  const stop = { name, graceMs: duration(inputs.stopGrace) };
  const found = state.power;
  const volumes = await dataVolumes(libvirt, inputs);
  const wanted = { volumes, nics: [inputs.nic, ...Object.values(inputs.interfaces)] };
  await refuseForeign(libvirt, id, state, inputs, volumes);
  const hadGuest = concernsGuest(oldInputs);

  // What goes is let go by the guest first: a disk in use ends the update with nothing changed.
  const devices = ({ disks, interfaces }: DomainInputs) => [disks, interfaces];
  if (isOn(found) && !isDeepStrictEqual(devices(oldInputs), devices(inputs))) {
    if (found === "running" && hadGuest)
      await settleGuest(libvirt, id, name, staying(oldInputs, inputs), call);
    await unplugDevices(libvirt, id, wanted, call);
  }
  let lastStop = state.lastStop;
  if (restarts) lastStop = (await shutDown(libvirt, id, stop, call)) ?? lastStop;
  await defineDomain(libvirt, { ...inputs, uuid: state.uuid, disk: state.disk }, volumes, call.urn);
  await makeVolumes(libvirt, root.pool, volumes);
  const own = ownVolumes(volumes);
  const gone = (state.dataVolumes ?? []).filter((volume) => !own.includes(volume));
  await removeVolumes(libvirt, root.pool, gone);
  await libvirt.run(["autostart", id, ...(autostart ? [] : ["--disable"])]);
  await grow(libvirt, id, state, oldInputs, inputs, volumes, call);
  if (isOn(await powerOf(libvirt, id))) {
    await plugDevices(libvirt, id, wanted);
    await describe(libvirt, id, inputs);
    if (power === "running" && (inputs.cpus !== oldInputs.cpus || inputs.memoryMiB !== oldInputs.memoryMiB))
      await hotPlug(libvirt, id, inputs, call);
  }
  lastStop = (await setPower(libvirt, id, power, stop, call)) ?? lastStop;
  if (power === "running") {
    if (restarts || !isOn(found)) await reportBoot(libvirt, id, inputs, call);
    if (concernsGuest(inputs) || hadGuest) await settleGuest(libvirt, id, name, inputs, call);
  }
  return {
    ...state,
    power,
    dataVolumes: own,
    ...(await ceilingOf(libvirt, id)),
    ...(lastStop && { lastStop }),
  };
}

/** The old disks and interfaces that are wanted still, as they were. */
function staying(old: DomainInputs, wanted: DomainInputs): Pick<DomainInputs, "disks" | "interfaces"> {
  const those = <T extends object>(
    of: Readonly<Record<string, T>>,
    by: Readonly<Record<string, T>>,
    key: keyof T,
  ) =>
    Object.fromEntries(
      Object.entries(of).filter(([name, one]) => by[name] !== undefined && by[name][key] === one[key]),
    );
  return {
    disks: those(old.disks, wanted.disks, "mount"),
    interfaces: those(old.interfaces, wanted.interfaces, "mac"),
  };
}

async function refuseForeign(
  libvirt: Libvirt,
  id: string,
  { dataVolumes: made = [] }: DomainState,
  { root }: DomainInputs,
  volumes: readonly DataVolume[],
): Promise<void> {
  const xml = await libvirt.find(["dumpxml", "--inactive", id]);
  const paths = xml === undefined ? [] : Object.values(readDomainXml(xml).disks);
  await refuseTakenVolumes(
    libvirt,
    root.pool,
    volumes.filter(({ volume }) => !made.includes(volume)),
    (path) => paths.includes(path),
  );
}

async function grow(
  libvirt: Libvirt,
  id: string,
  state: DomainState,
  old: DomainInputs,
  inputs: DomainInputs,
  volumes: readonly DataVolume[],
  call: Call<unknown>,
): Promise<void> {
  if (inputs.root.size > old.root.size) await growRoot(libvirt, id, inputs, state.disk, call);
  for (const { disk, volume, path, size } of volumes) {
    const before = old.disks[disk]?.size;
    if (before === undefined || size <= before) continue;
    const { mount } = inputs.disks[disk]!;
    await growDisk(
      libvirt,
      id,
      { name: inputs.name, pool: inputs.root.pool, volume, path, size, mount },
      call,
    );
  }
}

async function describe(libvirt: Libvirt, id: string, { description }: DomainInputs): Promise<void> {
  const live = readDomainXml(await libvirt.run(["dumpxml", id])).description;
  if (live !== description) await libvirt.run(["desc", id, "--live", "--new-desc", description ?? ""]);
}

/** A guest without an agent is started all the same, where nothing depends on it: it is said that nothing tells whether it is up. */
async function reportBoot(
  libvirt: Libvirt,
  id: string,
  { name, residents }: DomainInputs,
  call: Call<unknown>,
): Promise<void> {
  try {
    await awaitBoot(libvirt, id, name, call);
  } catch (error) {
    call.signal.throwIfAborted();
    if (residents.length > 0) throw error;
    call.log("warning", `${name} was started, and nothing says that it is up: ${(error as Error).message}`);
  }
}
