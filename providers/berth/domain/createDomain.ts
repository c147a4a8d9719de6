import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Call } from "../../kit/index.js";
import { Libvirt } from "../../virsh/libvirt.js";
import { volumeSize } from "../../virsh/volumeSize.js";
import { hostFacts } from "../template/fingerprint.js";
import { isDiskOf, shapeOf, type TemplateManifest } from "../template/manifest.js";
import { openTemplate, type Template } from "../template/templateStore.js";
import { awaitBoot } from "./awaitBoot.js";
import { ceilingOf } from "./ceilingOf.js";
import { dataVolumes, makeVolumes, ownVolumes, refuseTakenVolumes, removeVolumes } from "./dataDisks.js";
import { defineDomain } from "./defineDomain.js";
import { readDomainXml } from "./domainXml.js";
import { forkDomain } from "./forkDomain.js";
import { plugDevices } from "./liveDevices.js";
import { isOwn, moveOf } from "./ownership.js";
import { cutPower } from "./power.js";
import { removeDomain } from "./removeDomain.js";
import { makeRootDisk, refuseTaken, VolumeTaken, volumePath } from "./rootDisk.js";
import { setPower } from "./setPower.js";
import { concernsGuest, settleGuest } from "./settleGuest.js";
import type { DomainInputs, DomainState } from "./types.js";

/** Cleaning up after a failure has a limit of its own: the operation's may have passed. */
const cleanUpLimitMs = 60_000;

/** Makes a machine, as a fork where there is a template that can be used, and else by booting it. Leaves nothing where it fails. */
export async function createDomain(
  inputs: DomainInputs,
  call: Call<unknown>,
): Promise<{ id: string; state: DomainState }> {
  return Libvirt.with(inputs.uri, call.signal, async (libvirt) => {
    await clearTheWay(libvirt, inputs, call.urn);
    // What is to run has a warm start; what is not starts from its disk, whenever that will be.
    const template = inputs.power === "running" ? await usableTemplate(libvirt, inputs, call) : undefined;
    if (template !== undefined) {
      try {
        return await make(libvirt, inputs, call, template);
      } catch (error) {
        call.signal.throwIfAborted();
        if (inputs.requireFork) throw error;
        call.log(
          "warning",
          `${inputs.name} boots cold, as it could not be forked: ${(error as Error).message}`,
        );
      }
    }
    return make(libvirt, inputs, call);
  });
}

async function make(libvirt: Libvirt, inputs: DomainInputs, call: Call<unknown>, template?: Template) {
  const { uri, name, root, autostart, power } = inputs;
  const uuid = randomUUID();
  const size = template && (await templateSize(libvirt, inputs));
  const disk = await volumePath(libvirt, root);
  const volumes = await dataVolumes(libvirt, inputs);
  // The domain comes before its disks: it carries the owner's mark and names the disks, so that whatever cuts this off leaves
  // nothing that is not known as ours.
  await defineDomain(libvirt, { ...inputs, uuid, disk }, volumes, call.urn);
  try {
    if (template) await makeRootDisk(libvirt, { ...root, size: size! }, inputs.template!.disk);
    else await makeRootDisk(libvirt, root, root.base);
    await makeVolumes(libvirt, root.pool, volumes);
    if (template) {
      await forkDomain(libvirt, template, inputs, { uuid, disk, templateSize: size! }, call);
      await plugDevices(libvirt, uuid, { volumes, nics: Object.values(inputs.interfaces) });
    } else {
      await setPower(libvirt, uuid, power, { name, graceMs: 0 }, call);
    }
    if (autostart) await libvirt.run(["autostart", name]);
    if (power === "running" && concernsGuest(inputs)) {
      // A first boot may have a say in what is mounted and addressed.
      if (!template) await awaitBoot(libvirt, uuid, name, call);
      await settleGuest(libvirt, uuid, name, inputs, call);
    }
    const started = template ? ("fork" as const) : ("cold" as const);
    return {
      id: uuid,
      state: {
        uri,
        pool: root.pool,
        volume: root.name,
        uuid,
        power,
        started,
        disk,
        dataVolumes: ownVolumes(volumes),
        ...(inputs.seed !== undefined && { firstSeed: inputs.seed }),
        ...(await ceilingOf(libvirt, uuid)),
      },
    };
  } catch (error) {
    const made = [root.name, ...ownVolumes(volumes)];
    const foreign = error instanceof VolumeTaken ? error.volume : undefined;
    const left = made.filter((volume) => volume !== foreign);
    try {
      await Libvirt.with(uri, AbortSignal.timeout(cleanUpLimitMs), (again) =>
        clearAway(again, uuid, root.pool, left),
      );
    } catch (trouble) {
      // Not in the place of what went wrong first.
      call.log(
        "warning",
        `what there is of ${name} stays until the next "pulumi up", which begins by removing it: ${(trouble as Error).message}`,
      );
    }
    throw error;
  }
}

/** Removes what a creation that was cut off has left; refuses to touch what somebody else made. */
async function clearTheWay(libvirt: Libvirt, inputs: DomainInputs, urn: string): Promise<void> {
  const { name, root } = inputs;
  const volumes = await dataVolumes(libvirt, inputs);
  const xml = await libvirt.find(["dumpxml", "--inactive", name]);
  if (xml !== undefined) {
    if (!isOwn(xml, urn)) {
      throw new Error(
        `a domain "${name}" is there already on ${libvirt.uri}, and another program made it. ` +
          `Give the machine another name, or remove that domain ("virsh undefine ${name}").`,
      );
    }
    if (moveOf(xml) === "arrived") {
      throw new Error(
        `"berth move" has brought a domain "${name}" to ${libvirt.uri}, and it would be removed. ` +
          `Where it is the machine that you want, put the stack's file back and move it again; else remove it ("virsh undefine ${name}").`,
      );
    }
    const disk = await volumePath(libvirt, root);
    const its = Object.values(readDomainXml(xml).disks);
    const own = ownVolumes(volumes.filter(({ path }) => its.includes(path)));
    if (its.includes(disk)) await clearAway(libvirt, name, root.pool, [root.name, ...own]);
    else await removeDomain(libvirt, name);
  }
  await refuseTaken(libvirt, root);
  await refuseTakenVolumes(libvirt, root.pool, volumes, () => false);
}

/** The disks go first: the mark that says whose they are goes with the domain. */
async function clearAway(
  libvirt: Libvirt,
  domain: string,
  pool: string,
  volumes: readonly string[],
): Promise<void> {
  await cutPower(libvirt, domain);
  await removeVolumes(libvirt, pool, volumes);
  await removeDomain(libvirt, domain);
}

async function usableTemplate(
  libvirt: Libvirt,
  inputs: DomainInputs,
  call: Call<unknown>,
): Promise<Template | undefined> {
  const { name, template, requireFork } = inputs;
  if (template === undefined) return undefined;
  const found = await openTemplate(template.path);
  const trouble = "trouble" in found ? found.trouble : await misfit(libvirt, found.manifest, inputs);
  if ("manifest" in found && trouble === undefined) return found;
  const fix = '"pulumi up --refresh" makes it anew';
  if (requireFork) throw new Error(`${name} can't be forked: of its template, ${trouble}. ${fix}.`);
  call.log("warning", `${name} boots cold: of its template, ${trouble}. ${fix}.`);
  return undefined;
}

/** Why a whole template can't be used for this machine. */
async function misfit(
  libvirt: Libvirt,
  manifest: TemplateManifest,
  inputs: DomainInputs,
): Promise<string | undefined> {
  if (manifest.host !== (await hostFacts(libvirt, inputs.type, inputs.machine))) {
    return "libvirt or QEMU is another version than the one that saved it";
  }
  const { disk, cpus, memoryMiB } = inputs.template!;
  if (!isDiskOf(manifest, disk)) return "it was made anew, and the disk here is of the one before";
  const { maxCpus = inputs.cpus, maxMemoryMiB = inputs.memoryMiB } = inputs;
  const shape = shapeOf({ ...inputs, cpus, memoryMiB, maxCpus, maxMemoryMiB });
  return isDeepStrictEqual(manifest.shape, shape) ? undefined : "the shape is another";
}

async function templateSize(libvirt: Libvirt, { root, template, name }: DomainInputs): Promise<number> {
  const file = template!.disk.split("/").at(-1)!;
  const size = await volumeSize(libvirt, { pool: root.pool, name: file });
  if (size === undefined) throw new Error(`the disk ${template!.disk} of the template of ${name} has gone`);
  if (size > root.size) {
    throw new Error(
      `${name}: a disk of ${root.size} bytes is too small for its image, which needs ${size}. Raise "disk".`,
    );
  }
  return size;
}
