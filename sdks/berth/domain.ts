import * as pulumi from "@pulumi/pulumi";
import type { KernelArgs } from "./kernel.js";

/** What a machine does. */
export type Power = "running" | "stopped" | "paused";

export interface DataDiskArgs {
  /** Bytes. Raising it: in place, the file system too where it is mounted; it can't be lowered. */
  size: pulumi.Input<number>;
  /**
   * Folder in the guest that it is mounted at, now and at each start; an empty disk gets an ext4 file system. Default: it is left
   * to the guest. Changing it: in place.
   */
  mount?: pulumi.Input<string>;
  /** A volume in the root disk's pool, that stays when the machine goes: see {@link KeptDisk}. Default: one made with the machine, and gone with it. */
  volume?: pulumi.Input<string>;
}

export interface InterfaceArgs {
  /** libvirt's name of the network. Changing it: in place, another interface. */
  network: pulumi.Input<string>;
  /** Ethernet address. Changing it: in place, another interface. */
  mac: pulumi.Input<string>;
  /** With prefix length, e.g. `10.0.0.5/24`, set by systemd-networkd. Default: left to the guest. Changing it: in place. */
  address?: pulumi.Input<string>;
}

export interface DomainArgs {
  /** libvirt connection URI. Changing it: replace, or taken over where `berth move` has brought it there. */
  uri: pulumi.Input<string>;
  /** libvirt's name of the domain. Changing it: replace. */
  name: pulumi.Input<string>;
  /** What it runs on. Changing it: replace. */
  type: pulumi.Input<"kvm" | "qemu">;
  /** QEMU's machine type, e.g. `q35`. Changing it: replace. */
  machine: pulumi.Input<string>;
  /**
   * Virtual processors. Changing it: in place up to what the machine was started for (`maxCpus` at its last start), else restart,
   * on the same disk.
   */
  cpus: pulumi.Input<number>;
  /**
   * Memory in MiB. Changing it: in place up to what the machine was started for (`maxMemoryMiB` at its last start), added in steps
   * of 128, else restart, on the same disk.
   */
  memoryMiB: pulumi.Input<number>;
  /** Up to which processors can be added while it runs. Default: `cpus`. Changing it: counts from the next start. */
  maxCpus?: pulumi.Input<number>;
  /**
   * Up to which memory can be added while it runs; it costs the guest some 64 MiB for tables. Default: `memoryMiB`. Changing it:
   * counts from the next start.
   */
  maxMemoryMiB?: pulumi.Input<number>;
  /** The disk that it boots from, made with it and gone with it. */
  root: pulumi.Input<{
    /** libvirt's name of the storage pool. Changing it: replace. */
    pool: pulumi.Input<string>;
    /** Name of the volume. Changing it: replace. */
    name: pulumi.Input<string>;
    /** Path of the volume that it is a linked clone of. Changing it: replace. */
    base: pulumi.Input<string>;
    /** Bytes. Raising it: in place, the guest's file system too; it can't be lowered. */
    size: pulumi.Input<number>;
  }>;
  /**
   * Disks beside the root, by name (at most 20 lower-case letters, digits and hyphens), which is also the serial number that the
   * guest sees. Default: none. Adding or removing one: in place.
   */
  disks?: pulumi.Input<Record<string, pulumi.Input<DataDiskArgs>>>;
  /** Names of disks that may be deleted with what is on them. Default: none, and a disk that is left out is a mistake. */
  discard?: pulumi.Input<pulumi.Input<string>[]>;
  /** Path of the first-boot seed on the hypervisor. Default: none. Changing it: see `newSeed`. */
  seed?: pulumi.Input<string>;
  /**
   * What another seed does to a machine that is there: `ignore`, as it is read at the first boot only, or `replace`. Default
   * `ignore`. Changing it: nothing happens.
   */
  newSeed?: pulumi.Input<"ignore" | "replace">;
  /** Direct kernel boot. Default: the disk boots by its own boot loader. Changing it: restart. */
  boot?: pulumi.Input<KernelArgs>;
  /** What starts it: QEMU's SeaBIOS, or OVMF without Secure Boot, which has to be on the hypervisor. Default `bios`. Changing it: restart. */
  firmware?: pulumi.Input<"bios" | "uefi">;
  /** Where it looks for a system, in this order; without effect on a direct kernel boot. Default `["disk"]`. Changing it: in place, counts from the next start. */
  bootOrder?: pulumi.Input<pulumi.Input<"disk" | "network">[]>;
  /** Words on what it is for, which libvirt shows. Default: none. Changing it: in place. */
  description?: pulumi.Input<string>;
  /** Its network interface. Changing it: replace. */
  nic: pulumi.Input<{ network: pulumi.Input<string>; mac: pulumi.Input<string> }>;
  /** Interfaces beside the first, by name. Default: none. Changing them: in place. */
  interfaces?: pulumi.Input<Record<string, pulumi.Input<InterfaceArgs>>>;
  /** File on the hypervisor for what it writes on its serial console. Changing it: restart. */
  consoleLog: pulumi.Input<string>;
  /** Starts with the hypervisor. Changing it: in place. */
  autostart: pulumi.Input<boolean>;
  /**
   * Whether it runs. Default `running`. Changing it: in place; `stopped` has the guest shut itself down, `paused` keeps it in
   * memory. A machine that is made stopped or paused boots cold when it is to run.
   */
  power?: pulumi.Input<Power>;
  /**
   * How long the guest may take to shut itself down, wherever it has to: its agent is asked, after half of the time (or where
   * the agent does not answer) the power button is pressed, and at the end its power is cut. Default `2m`. Changing it: in place.
   */
  stopGrace?: pulumi.Input<string>;
  /**
   * A saved machine to start as a fork of: its folder, the disk to be a clone of, and what it has of processors and memory; what the
   * machine has more is added to the fork. Default: a cold boot. Changing it: nothing happens to a machine that is there.
   */
  template?: pulumi.Input<{
    path: pulumi.Input<string>;
    disk: pulumi.Input<string>;
    cpus: pulumi.Input<number>;
    memoryMiB: pulumi.Input<number>;
  }>;
  /** Why it starts the way it does; shown in the preview. Changing it: nothing happens. */
  reason: pulumi.Input<string>;
  /** A fork that can't be made is an error; else the machine boots cold and says why. Changing it: nothing happens. */
  requireFork: pulumi.Input<boolean>;
  /**
   * What runs in it today: the preview of a change that restarts or replaces the machine names it. Machines restart one after another,
   * each when what ran in the one before answers again. Default: nothing. Changing it: nothing happens.
   */
  residents?: pulumi.Input<pulumi.Input<ResidentArgs>[]>;
  /** What a fork is made a machine of its own with; the same that the seed says. Changing it: with the seed. */
  identity: pulumi.Input<{
    hostname: pulumi.Input<string>;
    /** IPv4 with prefix length, e.g. `192.168.130.10/24`. */
    address: pulumi.Input<string>;
    gateway: pulumi.Input<string>;
    /** IPv6 with prefix length, e.g. `fd00:130::10/64`; with a gateway, or not at all. */
    address6?: pulumi.Input<string>;
    gateway6?: pulumi.Input<string>;
    nameservers: pulumi.Input<pulumi.Input<string>[]>;
    user: pulumi.Input<string>;
    authorizedKeys: pulumi.Input<pulumi.Input<string>[]>;
    hostKey: pulumi.Input<{ privateKey: pulumi.Input<string>; publicKey: pulumi.Input<string> }>;
    /** The seed holds something of the user's own, for which cloud-init runs in the fork. */
    firstBoot: pulumi.Input<boolean>;
  }>;
}

/** A replica of a service that runs in a machine before the update: what stops when it does. */
export interface ResidentArgs {
  replica: pulumi.Input<string>;
  service: pulumi.Input<string>;
  /** How many the service has. */
  replicas: pulumi.Input<number>;
  /** Where it answers. */
  address: pulumi.Input<string>;
  port: pulumi.Input<number>;
  /** The load balancers' servers that it is, each as `BALANCER/SERVER`. */
  servers: pulumi.Input<pulumi.Input<string>[]>;
  /** How long it has to answer until a load balancer sends it requests, in milliseconds. */
  settleMs: pulumi.Input<number>;
  /** Most replicas of the service that may be away at once: a plan that breaks it fails in the preview. Default: any. */
  maxUnavailable?: pulumi.Input<number>;
}

/**
 * A virtual machine: a libvirt domain and its disks, started by a boot or as a fork of a {@link SavedDomain}. Drift: another
 * power state, other memory or processors, another size of the disk; undefined, which defines it again on its disk; its disk gone,
 * which makes it anew.
 */
export class Domain extends pulumi.CustomResource {
  /** The domain's UUID; another one is another machine. */
  declare readonly uuid: pulumi.Output<string>;
  /** What it does. After a refresh also `absent`: defined no more, with its disk still there. */
  declare readonly power: pulumi.Output<Power | "absent">;
  /** How it was shut off last where Berth did: by its guest, asked by its agent or by the power button, or forced. */
  declare readonly lastStop: pulumi.Output<"agent" | "acpi" | "forced" | undefined>;
  /** How it started when it was made. */
  declare readonly started: pulumi.Output<"fork" | "cold">;
  /** Path of the root disk on the hypervisor. */
  declare readonly disk: pulumi.Output<string>;
  /** Pool and name of the root disk. */
  declare readonly pool: pulumi.Output<string>;
  declare readonly volume: pulumi.Output<string>;

  constructor(name: string, args: DomainArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "berth:index:Domain",
      name,
      {
        ...args,
        uuid: undefined,
        started: undefined,
        disk: undefined,
        pool: undefined,
        volume: undefined,
        lastStop: undefined,
      },
      opts,
    );
  }
}
