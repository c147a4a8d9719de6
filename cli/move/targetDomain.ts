import { basename } from "node:path";
import { dataVolumes } from "../../providers/berth/domain/dataDisks.js";
import { domainDisks } from "../../providers/berth/domain/domainDisks.js";
import { domainXml } from "../../providers/berth/domain/domainXml.js";
import { moveMark } from "../../providers/berth/domain/ownership.js";
import { volumePath } from "../../providers/berth/domain/rootDisk.js";
import type { DomainInputs } from "../../providers/berth/domain/types.js";
import type { Libvirt } from "../../providers/virsh/libvirt.js";

/** Where a machine is to be. */
export interface Place {
  readonly uri: string;
  /** The hypervisor's name in the stack's file. */
  readonly name: string;
  readonly pool: string;
  readonly network: string;
  readonly type: DomainInputs["type"];
  /** Folder of the consoles' logs. */
  readonly consoleLogs: string;
}

/** What a machine is made with, at another place. Its disks and its kernel have the names that they have here, in the pool there. */
export async function inputsThere(
  libvirt: Libvirt,
  inputs: DomainInputs,
  place: Place,
): Promise<DomainInputs> {
  const { pool, network, type, consoleLogs } = place;
  const pathOf = (path: string) => volumePath(libvirt, { pool, name: basename(path) });
  const { boot, seed: _, ...rest } = inputs;
  return {
    ...rest,
    uri: place.uri,
    type,
    root: { ...inputs.root, pool },
    nic: { ...inputs.nic, network },
    ...(boot && {
      boot: {
        ...boot,
        kernel: await pathOf(boot.kernel),
        ...(boot.initrd !== undefined && { initrd: await pathOf(boot.initrd) }),
      },
    }),
    consoleLog: `${consoleLogs}/${inputs.name}.log`,
  };
}

/** The path of each disk that a machine writes to, at the place of these inputs, by the name of its volume. */
export async function diskPaths(
  libvirt: Libvirt,
  inputs: DomainInputs,
): Promise<ReadonlyMap<string, string>> {
  const data = await dataVolumes(libvirt, inputs);
  return new Map([
    [inputs.root.name, await volumePath(libvirt, inputs.root)],
    ...data.map(({ volume, path }) => [volume, path] as const),
  ]);
}

/**
 * The machine's description there: as an update would write it, with the same identity and the same owner.
 *
 * @param xml its description here
 * @param seed path of its first-boot seed there
 * @param whole all of its disks are there
 */
export async function describeThere(
  libvirt: Libvirt,
  there: DomainInputs,
  { uuid, xml, seed, whole }: { uuid: string; xml: string; seed?: string; whole: boolean },
): Promise<string> {
  const metadata = /<metadata>[\s\S]*?<\/metadata>/.exec(xml)?.[0] ?? "";
  const data = await dataVolumes(libvirt, there);
  const shape = {
    ...there,
    uuid,
    disk: await volumePath(libvirt, there.root),
    dataDisks: Object.fromEntries(data.map(({ disk, path }) => [disk, path])),
    ...(seed !== undefined && { seed }),
  };
  return domainXml(shape, moveMark(metadata, whole));
}

/** The seed of a machine's first boot, which it reads no more, but whose absence could make it take itself for another one. */
export function seedOf(xml: string): string | undefined {
  return domainDisks(xml).find(({ readOnly }) => readOnly)?.path;
}
