import { createHash } from "node:crypto";
import { SavedDomain, type SavedDomainArgs } from "@berth/sdk";
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import { metaData, templateNetworkConfig, templateUserData } from "./cloudInit/index.js";
import { defaultDaemon } from "./dockerDaemon.js";
import type { Hypervisor } from "./hypervisor.js";
import { bytes, mebibytes } from "./quantity.js";
import { type Transform, transformed } from "./transform.js";

/** A machine's processors and memory. */
export interface MachineShape {
  /** Virtual processors; a fork has as many or, up to `maxCpus`, more. Default 1. Changing it: another template is made. */
  cpus?: number;
  /** e.g. `2GiB`; a fork has as much or, up to `maxMemory` and in steps of 128 MiB, more. Default `1GiB`. Changing it: another template is made. */
  memory?: string;
  /** Up to which a fork's processors can be raised while it runs. Default: `cpus`. Changing it: another template is made. */
  maxCpus?: number;
  /** Up to which a fork's memory can be raised while it runs, e.g. `8GiB`. Default: `memory`. Changing it: another template is made. */
  maxMemory?: string;
}

export interface MachineTemplateArgs extends MachineShape {
  /** Where it is. Changing it: replace. */
  hypervisor: Hypervisor;
  /** One of the hypervisor's images, with Docker in it, that does not boot by UEFI. Changing it: another template is made. */
  image: string;
  /** Docker's daemon.json. Default: ContainerRuntime's, so that Docker need not restart in a fork. Changing it: another template is made. */
  daemon?: Readonly<Record<string, unknown>>;
  transform?: {
    saved?: Transform<SavedDomainArgs>;
    seed?: Transform<libvirt.CloudInitDiskArgs>;
  };
}

/**
 * A machine of an image and a shape, booted once without a network until Docker answers in it, and saved with its memory, for
 * machines to start from in seconds. Kept for all stacks of a hypervisor; machines that were forked from it stay when it goes.
 */
export class MachineTemplate extends pulumi.ComponentResource {
  readonly image: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Names all that it depends on: image, shape, hypervisor, Docker's configuration. */
  readonly fingerprint: pulumi.Output<string>;
  readonly nodes: { readonly saved: SavedDomain; readonly seed: libvirt.CloudInitDisk };

  constructor(name: string, args: MachineTemplateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:MachineTemplate", name, {}, opts);
    const { hypervisor } = args;
    const image = hypervisor.image(args.image, `template "${name}"`, this);
    if (image.firmware === "uefi") {
      throw new pulumi.ResourceError(
        `template "${name}": image "${args.image}" boots by UEFI, whose variables a template does not have. Use an image that boots without.`,
        this,
        true,
      );
    }
    this.image = args.image;
    this.cpus = args.cpus ?? 1;
    const { memory = "1GiB", maxCpus = this.cpus } = args;
    this.memoryMiB = mebibytes(memory);
    const maxMemoryMiB = mebibytes(args.maxMemory ?? memory);

    const text = templateUserData(args.daemon ?? defaultDaemon);
    const seedDigest = createHash("sha256").update(text).update(templateNetworkConfig).digest("hex");
    const pool = hypervisor.nodes.pool.name;
    const libvirtName = pulumi.interpolate`${pool}-template-${name}`;
    const seed = new libvirt.CloudInitDisk(
      ...transformed(
        args.transform?.seed,
        name,
        {
          name: pulumi.interpolate`${libvirtName}-${seedDigest.slice(0, 12)}`,
          pool,
          userData: text,
          metaData: metaData({ instanceId: "berth-template", hostname: "berth-template" }),
          networkConfig: templateNetworkConfig,
        } as libvirt.CloudInitDiskArgs,
        { parent: this, provider: hypervisor.libvirt, deleteBeforeReplace: true },
      ),
    );
    const saved = new SavedDomain(
      ...transformed(
        args.transform?.saved,
        name,
        {
          uri: hypervisor.uri,
          name: libvirtName,
          type: hypervisor.accelerator,
          machine: "q35",
          cpus: this.cpus,
          memoryMiB: this.memoryMiB,
          ...(maxCpus > this.cpus && { maxCpus }),
          ...(maxMemoryMiB > this.memoryMiB && { maxMemoryMiB }),
          image: image.digest,
          base: image.disk.id,
          size: image.disk.size,
          ...(image.boot && { boot: image.boot }),
          // The identifier is "path;uuid".
          seed: seed.id.apply((id) => id.split(";")[0]!),
          seedDigest,
          pool,
          cache: hypervisor.templates.path,
          cacheSize: bytes(hypervisor.templates.size),
          consoleLog: pulumi.interpolate`${hypervisor.consoleLogs}/${libvirtName}.log`,
        } as SavedDomainArgs,
        { parent: this },
      ),
    );
    this.fingerprint = saved.fingerprint;
    this.nodes = { saved, seed };
    this.registerOutputs({ fingerprint: this.fingerprint });
  }
}

/** e.g. `1 processor, 1024 MiB`, and the room that there is for more. */
export function shapeWords({ cpus, memory, maxCpus, maxMemory }: Required<MachineShape>): string {
  const own = sizeWords(cpus, mebibytes(memory)).join(", ");
  const most = sizeWords(maxCpus, mebibytes(maxMemory)).join(", ");
  return most === own ? own : `${own}, up to ${most}`;
}

/** What a fork gets beside its template's, e.g. `1 processor and 512 MiB`; nothing where that is all. */
export function addedWords(template: Required<MachineShape>, own: Required<MachineShape>): string {
  const cpus = own.cpus - template.cpus;
  const [processors, memory] = sizeWords(cpus, mebibytes(own.memory) - mebibytes(template.memory));
  return [cpus > 0 && processors, memory !== "0 MiB" && memory].filter(Boolean).join(" and ");
}

function sizeWords(cpus: number, mib: number): [processors: string, memory: string] {
  return [`${cpus} processor${cpus === 1 ? "" : "s"}`, `${mib} MiB`];
}
