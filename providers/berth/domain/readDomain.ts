import type { Call, Live } from "../../kit/index.js";
import { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import { volumeSize } from "../../virsh/volumeSize.js";
import { escapeXml } from "../../virsh/xml.js";
import { ceilingOf } from "./ceilingOf.js";
import { withDefaults } from "./checkDomain.js";
import { dataVolumes } from "./dataDisks.js";
import { readDomainXml } from "./domainXml.js";
import { isOwn } from "./ownership.js";
import type { DataDiskInputs, DomainInputs, DomainState } from "./types.js";

type Found = Live<DomainInputs, DomainState>;

/** A machine as it is; `undefined`: its disk is gone. */
export async function readDomain(
  id: string,
  state: DomainState,
  inputs: DomainInputs,
  call: Call<unknown>,
): Promise<Found | undefined> {
  return Libvirt.with(inputs.uri, call.signal, async (libvirt) => {
    const size = await volumeSize(libvirt, inputs.root);
    if (size === undefined) return undefined;
    const { uuid, xml } = await definitionOf(libvirt, id, state, inputs, call);
    // Where the disk is there still, all of the machine that matters is: it is drift, and defined again on its disk.
    const { cpus, memoryMiB, description } = xml === undefined ? inputs : readDomainXml(xml);
    const power = await powerOf(libvirt, uuid);
    const { description: _, ...rest } = inputs;
    return {
      id: uuid,
      state: { ...state, uuid, power, ...(power !== "absent" && (await ceilingOf(libvirt, uuid))) },
      inputs: {
        ...rest,
        ...(description !== undefined && { description }),
        cpus,
        memoryMiB,
        power,
        root: { ...inputs.root, size },
        disks: await disksThere(libvirt, inputs, xml),
      } as DomainInputs,
    };
  });
}

/** Its data disks as they are: one whose volume is gone, or that somebody took out of the machine, is not there. */
async function disksThere(
  libvirt: Libvirt,
  inputs: DomainInputs,
  xml: string | undefined,
): Promise<DomainInputs["disks"]> {
  const paths = xml === undefined ? undefined : Object.values(readDomainXml(xml).disks);
  const disks: Record<string, DataDiskInputs> = {};
  for (const { disk, volume, path } of await dataVolumes(libvirt, withDefaults(inputs))) {
    const size = await volumeSize(libvirt, { pool: inputs.root.pool, name: volume });
    if (size !== undefined && (paths === undefined || paths.includes(path)))
      disks[disk] = { ...inputs.disks[disk]!, size };
  }
  return disks;
}

/**
 * The domain's persistent description: of the one that was made, or of one that somebody made in its place, with its name and its
 * disk. That is another machine, which its UUID tells, and takes over what the first one was.
 */
async function definitionOf(
  libvirt: Libvirt,
  id: string,
  { disk }: DomainState,
  { name, uri }: DomainInputs,
  call: Call<unknown>,
): Promise<{ uuid: string; xml: string | undefined }> {
  const own = await libvirt.find(["dumpxml", "--inactive", id]);
  if (own !== undefined) return { uuid: id, xml: own };
  const other = await libvirt.find(["dumpxml", "--inactive", name]);
  if (other === undefined) return { uuid: id, xml: undefined };
  const hasDisk = ['"', "'"].some((quote) => other.includes(`${quote}${escapeXml(disk)}${quote}`));
  if (!hasDisk && !isOwn(other, call.urn)) {
    throw new Error(
      `${name}: its domain is gone from ${uri}, and another program's has its name. ` +
        `Remove that one ("virsh undefine ${name}"), or give the machine another name.`,
    );
  }
  const { uuid } = readDomainXml(other);
  call.log("warning", `${name} was made anew by somebody else: its UUID is ${uuid}, and was ${id}`);
  return { uuid, xml: other };
}
