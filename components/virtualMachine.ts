import { createHash } from "node:crypto";
import { Domain, type DomainArgs, KeptDisk, type Power, RunningMachine, SshKey } from "@berth/sdk";
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import { metaData, networkConfig, operator, userData } from "./cloudInit/index.js";
import type { Hypervisor } from "./hypervisor.js";
import { addedWords, shapeWords } from "./machineTemplate.js";
import { bytes, mebibytes } from "./quantity.js";
import type { Resident } from "./residents.js";
import { type Start, startPlan } from "./startPlan.js";
import { templateShape } from "./templateShape.js";
import { type Transform, transformed } from "./transform.js";

export interface VirtualMachineArgs {
  /** Where it runs. Changing it: replace; `berth move` takes it there with what is on its disks. */
  hypervisor: Hypervisor;
  /** One of the hypervisor's images. Changing it: replace. */
  image: string;
  /** IPv4 address in the hypervisor's network. Changing it: replace. */
  address: string;
  /** Ethernet address. Changing it: replace. */
  mac: string;
  /** Virtual processors. Default 1. Changing it: in place up to those that it was started for, else restart, on the same disk. */
  cpus?: number;
  /** e.g. `2GiB`. Default `1GiB`. Changing it: in place up to that which it was started for, else restart, on the same disk. */
  memory?: string;
  /** Up to which processors can be added while it runs. Default: `cpus`. Changing it: counts from the next start. */
  maxCpus?: number;
  /**
   * Up to which memory can be added while it runs, in steps of 128 MiB. It costs the guest some 64 MiB. Default: `memory`. Changing it: counts from the next start.
   */
  maxMemory?: string;
  /** Size of the root disk, e.g. `10GiB`; not below the image's. Default `4GiB`. Raising it: in place, the file system too; it can't be lowered. */
  disk?: string;
  /** Disks beside the root, by name: at most 20 lower-case letters, digits and hyphens. Default: none. Changing them: in place. */
  disks?: Readonly<Record<string, DataDisk>>;
  /** Names of disks that may be deleted with what is on them. Default: none, and leaving a disk out is a mistake. */
  discard?: readonly string[];
  /** Network interfaces beside the first, by name. Default: none. Changing them: in place. */
  interfaces?: Readonly<Record<string, MachineInterface>>;
  /** Where it looks for a system, in this order; an image with a kernel of its own boots that. Default `["disk"]`. Changing it: in place, counts from the next start. */
  bootOrder?: readonly ("disk" | "network")[];
  /** Words on what it is for, which libvirt shows. Default: none. Changing it: in place. */
  description?: string;
  /** libvirt's name of the domain. Default: the component's name. Changing it: replace. */
  domainName?: string;
  /** Starts with the hypervisor. Default: where its power is `running`. Changing it: in place. */
  autostart?: boolean;
  /**
   * Whether it runs. Default `running`. Changing it: in place. `stopped`: the guest shuts itself down, asked by its agent and
   * then by its power button, and is forced where it does not within `stopGrace`; the log and the domain's `lastStop` say which.
   * `paused`: it stays in memory. A {@link ContainerRuntime} needs a machine that runs.
   */
  power?: Power;
  /** How long the guest may take to shut itself down, for `power` as for a restart. Default `2m`. Changing it: in place. */
  stopGrace?: string;
  /** The operator's key pair, for all that reaches into the machine. Default: one of the machine's own. Changing it: replace. */
  operatorKey?: SshKey;
  /**
   * `auto`: as a fork of a machine that is up already, which takes seconds, where the image and the hypervisor allow it, else by
   * a boot; `fork`: that or an error; `cold`: by a boot. Default `auto`. Changing it: nothing happens to a machine that is there.
   */
  start?: Start;
  /** cloud-config of the user's own, merged over Berth's, for the first boot. Default: none. Changing it: see `newSeed`. */
  cloudConfig?: Readonly<Record<string, unknown>>;
  /**
   * What another first-boot seed does to a machine that is there: `ignore`, since its first boot is over, or `replace`, so that it
   * takes effect. Default `ignore`. Changing it: nothing happens, but that `replace` replaces a machine that was made with another seed.
   */
  newSeed?: "ignore" | "replace";
  /**
   * What runs in it today: the preview of a change that restarts or replaces the machine names it. Machines restart one after another,
   * each when what ran in the one before answers again. Default: nothing. Changing it: nothing happens.
   */
  residents?: readonly Resident[];
  transform?: {
    domain?: Transform<DomainArgs>;
    seed?: Transform<libvirt.CloudInitDiskArgs>;
  };
}

export interface DataDisk {
  /** e.g. `10GiB`. Raising it: in place, the file system too where it is mounted; it can't be lowered. */
  size: string;
  /** Folder in the guest that it is mounted at; an empty disk gets an ext4 file system. Default: it is left to the guest. Changing it: in place. */
  mount?: string;
  /** It stays, with what is on it, when the machine is replaced. Default: it goes with the machine. It can't be changed. */
  keep?: boolean;
}

export interface MachineInterface {
  /** libvirt's name of the network. Changing it: in place, another interface. */
  network: pulumi.Input<string>;
  /** Ethernet address. Changing it: in place, another interface. */
  mac: string;
  /** With prefix length, e.g. `10.0.0.5/24`. Default: left to the guest. Changing it: in place. */
  address?: string;
}

/** How to reach a machine; the private key is secret. */
export interface SshAccess {
  readonly host: string;
  readonly user: string;
  readonly privateKey: pulumi.Output<string>;
  readonly hostKey: pulumi.Output<string>;
  /** The domain that it is, for libvirt to say whether the machine can answer. */
  readonly domain: DomainRef;
}

/** A machine's domain, and the root disk by which one that was undefined is told from one that is gone. */
export interface DomainRef {
  readonly uri: string;
  readonly uuid: pulumi.Output<string>;
  readonly pool: pulumi.Output<string>;
  readonly volume: pulumi.Output<string>;
}

/** A libvirt domain on a linked clone of a base image or a template, with a host key that the program knows before it starts. */
export class VirtualMachine extends pulumi.ComponentResource {
  readonly name: string;
  readonly hypervisor: Hypervisor;
  readonly address: string;
  /** IPv6 address, where the hypervisor's network has a `cidr6`. */
  readonly address6: string | undefined;
  /** The domain's UUID; another one is another machine. */
  readonly domainId: pulumi.Output<string>;
  /** How it started when it was made. */
  readonly started: pulumi.Output<"fork" | "cold">;
  /** Path, on the hypervisor, of what the machine wrote on its serial console. */
  readonly consoleLog: string;
  readonly ssh: SshAccess;
  readonly nodes: {
    readonly domain: Domain;
    readonly seed: libvirt.CloudInitDisk;
    readonly hostKey: SshKey;
    /** Where its power is `running`: what lives in it names this in `deletedWith`. */
    readonly running?: RunningMachine;
  };

  constructor(name: string, args: VirtualMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:VirtualMachine", name, {}, opts);
    const { hypervisor, address } = args;
    const image = hypervisor.image(args.image, `machine "${name}"`, this);
    const cpus = args.cpus ?? 1;
    const memory = args.memory ?? "1GiB";
    const power = args.power ?? "running";
    const shape = { cpus, memory, maxCpus: args.maxCpus ?? cpus, maxMemory: args.maxMemory ?? memory };
    const base = templateShape(shape);
    const plan = startPlan(args.start ?? "auto", {
      image: args.image,
      docker: image.docker,
      firmware: image.firmware,
      uri: hypervisor.uri,
      shape: shapeWords(base),
      added: addedWords(base, shape),
    });
    if (args.start === "fork" && !plan.fork) {
      throw new pulumi.ResourceError(
        `machine "${name}" can't start as a fork: ${plan.reason}. Set "start" to "auto".`,
        this,
        true,
      );
    }
    const domainName = args.domainName ?? name;
    this.name = name;
    this.hypervisor = hypervisor;
    this.address = address;
    this.consoleLog = `${hypervisor.consoleLogs}/${domainName}.log`;

    const pool = hypervisor.nodes.pool.name;
    // What a machine is made of goes and comes with it: names are the machine's own and can't exist twice.
    const child = { parent: this, provider: hypervisor.libvirt, deleteBeforeReplace: true };
    const nameservers = [...hypervisor.nameservers];
    const ipv6 = hypervisor.ipv6(address);
    this.address6 = ipv6?.address6.split("/")[0];
    const hostKey = new SshKey(`${name}-host`, { comment: name }, { parent: this });
    const operatorKey =
      args.operatorKey ?? new SshKey(`${name}-operator`, { comment: operator }, { parent: this });

    const text = pulumi
      .all([operatorKey.publicKey, hostKey.privateKey, hostKey.publicKey])
      .apply(([authorizedKey, hostPrivateKey, hostPublicKey]) =>
        userData({
          hostname: name,
          authorizedKeys: [authorizedKey],
          hostKey: { privateKey: hostPrivateKey, publicKey: hostPublicKey },
          ...(args.cloudConfig && { cloudConfig: args.cloudConfig }),
        }),
      );
    const network = networkConfig({
      macAddress: args.mac,
      address,
      prefixLength: hypervisor.prefixLength,
      gateway: hypervisor.gateway,
      ...ipv6,
      nameservers,
    });
    const firstBoot = pulumi.unsecret(
      text.apply((data) => createHash("sha256").update(data).update(network).digest("hex").slice(0, 12)),
    );

    const seed = new libvirt.CloudInitDisk(
      ...transformed(
        args.transform?.seed,
        name,
        {
          // Named by content: a changed seed never collides with the one that it replaces.
          name: pulumi.interpolate`${domainName}-${firstBoot}`,
          pool,
          userData: text,
          metaData: metaData({ instanceId: domainName, hostname: name }),
          networkConfig: network,
        } as libvirt.CloudInitDiskArgs,
        child,
      ),
    );

    const template = plan.fork ? hypervisor.template(args.image, base).nodes.saved : undefined;
    const kept = Object.fromEntries(
      Object.entries(args.disks ?? {}).flatMap(([disk, { size, keep = false }]) => {
        if (!keep) return [];
        const named = { uri: hypervisor.uri, pool, name: `${name}-${disk}`, size: bytes(size) };
        return [[disk, new KeptDisk(`${name}-${disk}`, named, { parent: this })]];
      }),
    );
    const domain = new Domain(
      ...transformed(
        args.transform?.domain,
        name,
        {
          uri: hypervisor.uri,
          name: domainName,
          type: hypervisor.accelerator,
          machine: "q35",
          cpus,
          memoryMiB: mebibytes(memory),
          ...(args.maxCpus !== undefined && { maxCpus: args.maxCpus }),
          ...(args.maxMemory !== undefined && { maxMemoryMiB: mebibytes(args.maxMemory) }),
          disks: mapValues(args.disks ?? {}, ({ size, mount }, disk) => ({
            size: bytes(size),
            ...(mount !== undefined && { mount }),
            ...(kept[disk] && { volume: kept[disk].volume }),
          })),
          discard: [...(args.discard ?? [])],
          interfaces: mapValues(args.interfaces ?? {}, (one) => one),
          bootOrder: [...(args.bootOrder ?? ["disk"])],
          newSeed: args.newSeed ?? "ignore",
          ...(args.description !== undefined && { description: args.description }),
          root: {
            pool,
            name: `${domainName}.qcow2`,
            base: image.disk.id,
            size: bytes(args.disk ?? "4GiB"),
          },
          // The identifier is "path;uuid".
          seed: seed.id.apply((id) => id.split(";")[0]!),
          ...(image.boot && { boot: image.boot }),
          ...(image.firmware === "uefi" && { firmware: image.firmware }),
          nic: { network: hypervisor.nodes.network.name, mac: args.mac },
          consoleLog: this.consoleLog,
          autostart: args.autostart ?? power === "running",
          power,
          stopGrace: args.stopGrace ?? "2m",
          ...(template && {
            template: {
              path: template.path,
              disk: template.disk,
              cpus: base.cpus,
              memoryMiB: mebibytes(base.memory),
            },
          }),
          reason: plan.reason,
          residents: (args.residents ?? []).map(({ servers, ...rest }) => ({
            ...rest,
            servers: [...servers],
          })),
          requireFork: args.start === "fork",
          identity: {
            hostname: name,
            address: `${address}/${hypervisor.prefixLength}`,
            gateway: hypervisor.gateway,
            ...ipv6,
            nameservers,
            user: operator,
            authorizedKeys: [operatorKey.publicKey],
            hostKey: { privateKey: hostKey.privateKey, publicKey: hostKey.publicKey },
            firstBoot: Object.keys(args.cloudConfig ?? {}).length > 0,
          },
        } as DomainArgs,
        { parent: this, deleteBeforeReplace: true },
      ),
    );

    this.domainId = domain.uuid;
    this.started = domain.started;
    this.ssh = {
      host: address,
      user: operator,
      privateKey: operatorKey.privateKey,
      hostKey: hostKey.publicKey,
      domain: { uri: hypervisor.uri, uuid: domain.uuid, pool: domain.pool, volume: domain.volume },
    };
    const running =
      power === "running"
        ? new RunningMachine(name, { domain: domain.uuid }, { parent: this, deletedWith: domain })
        : undefined;
    this.nodes = { domain, seed, hostKey, ...(running && { running }) };
    this.registerOutputs({
      address,
      address6: this.address6,
      domainId: this.domainId,
      hostKey: hostKey.publicKey,
    });
  }
}

function mapValues<T, U>(
  values: Readonly<Record<string, T>>,
  of: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, of(value, name)]));
}
