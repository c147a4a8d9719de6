/** One network interface. */
export interface NicInputs {
  /** libvirt's name of the network. */
  readonly network: string;
  readonly mac: string;
}

/** The disk that the machine boots from, made with it and gone with it. */
export interface RootInputs {
  /** libvirt's name of the storage pool. */
  readonly pool: string;
  /** Name of the volume, e.g. `web-1.qcow2`. */
  readonly name: string;
  /** Path of the volume that it is a linked clone of, on the hypervisor. */
  readonly base: string;
  /** Bytes; not below the base's. */
  readonly size: number;
}

/** A disk beside the one that it boots from. */
export interface DataDiskInputs {
  /** Bytes. */
  readonly size: number;
  /** Folder in the guest that it is mounted at, with a file system where it has none yet. None: left to the guest. */
  readonly mount?: string;
  /** A volume of the root disk's pool that is there, and stays when the machine goes. None: made with it, and gone with it. */
  readonly volume?: string;
}

/** A network interface beside the first. */
export interface InterfaceInputs extends NicInputs {
  /** With prefix length, e.g. `10.0.0.5/24`. None: left to the guest. */
  readonly address?: string;
}

/** A replica of a service that runs in the machine, and stops when it does. */
export interface ResidentInputs {
  readonly replica: string;
  readonly service: string;
  /** How many the service has. */
  readonly replicas: number;
  /** Where it answers. */
  readonly address: string;
  readonly port: number;
  /** The load balancers' servers that it is, each as `BALANCER/SERVER`. */
  readonly servers: readonly string[];
  /** How long it has to answer until a load balancer sends it requests, in milliseconds. */
  readonly settleMs: number;
  /** Most replicas of the service that may be away at once. None: any. */
  readonly maxUnavailable?: number;
}

/** Where a machine that starts looks for a system. */
export type BootDevice = "disk" | "network";

/** Direct kernel boot: paths on the hypervisor. */
export interface KernelInputs {
  readonly kernel: string;
  readonly initrd?: string;
  readonly cmdline: string;
}

/** What makes a fork a machine of its own; the same that its seed says. */
export interface IdentityInputs {
  readonly hostname: string;
  /** With prefix length, e.g. `192.168.130.10/24`. */
  readonly address: string;
  readonly gateway: string;
  /** With prefix length, e.g. `fd00:130::10/64`. None: it has no IPv6 address of its own. */
  readonly address6?: string;
  readonly gateway6?: string;
  readonly nameservers: readonly string[];
  /** The account that the template has, and its public keys. */
  readonly user: string;
  readonly authorizedKeys: readonly string[];
  /** ed25519, OpenSSH's forms. */
  readonly hostKey: { readonly privateKey: string; readonly publicKey: string };
  /** The seed has something of the user's own: cloud-init runs in the fork. */
  readonly firstBoot: boolean;
}

/** What a machine does. */
export type Power = "running" | "stopped" | "paused";

/** How a machine was shut off: by its guest, asked by the guest agent or by the power button, or without being asked. */
export type Stop = "agent" | "acpi" | "forced";

export interface ForkedFrom {
  /** The template's folder. */
  readonly path: string;
  /** The disk to be a clone of. */
  readonly disk: string;
  /** What the template has; what the machine has more is added to the fork. */
  readonly cpus: number;
  readonly memoryMiB: number;
}

export interface DomainInputs {
  readonly uri: string;
  readonly name: string;
  readonly type: "kvm" | "qemu";
  readonly machine: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Up to which they can be raised while it runs. None: what it was started with. */
  readonly maxCpus?: number;
  readonly maxMemoryMiB?: number;
  readonly root: RootInputs;
  /** By name. */
  readonly disks: Readonly<Record<string, DataDiskInputs>>;
  /** Names of disks that may be deleted with what is on them. */
  readonly discard: readonly string[];
  /** Path of the first-boot seed on the hypervisor. */
  readonly seed?: string;
  /** What another seed does to a machine that is there: nothing, as it is read at the first boot only, or another machine. */
  readonly newSeed: "ignore" | "replace";
  readonly boot?: KernelInputs;
  readonly firmware?: "bios" | "uefi";
  readonly bootOrder: readonly BootDevice[];
  readonly nic: NicInputs;
  /** By name. */
  readonly interfaces: Readonly<Record<string, InterfaceInputs>>;
  readonly description?: string;
  readonly consoleLog: string;
  readonly autostart: boolean;
  readonly power: Power;
  /** How long the guest may take to shut itself down, e.g. `2m`. */
  readonly stopGrace: string;
  /** A saved machine to start as a fork of. None: a cold boot. */
  readonly template?: ForkedFrom;
  /** Why it starts the way it does, for the one who reads the preview. */
  readonly reason: string;
  /** A fork that can't be made is an error; else it boots cold instead. */
  readonly requireFork: boolean;
  readonly identity: IdentityInputs;
  /** What runs in it before the update. */
  readonly residents: readonly ResidentInputs[];
}

export interface DomainState {
  /** Where it is, for its removal. */
  readonly uri: string;
  readonly pool: string;
  readonly volume: string;
  readonly uuid: string;
  /** `absent`: it is defined no more, and its disk is there. */
  readonly power: Power | "absent";
  /** How it was shut off last, where Berth did that. */
  readonly lastStop?: Stop;
  /** How it started when it was made. */
  readonly started: "fork" | "cold";
  /** Path of the root disk on the hypervisor. */
  readonly disk: string;
  /** Volumes of the data disks that were made with it. */
  readonly dataVolumes?: readonly string[];
  /** Path of the seed that it was made with, which its first boot read. None: it had none. */
  readonly firstSeed?: string;
  /** Up to which processors and memory can be raised without a restart, as it was started. None: not known. */
  readonly ceiling?: Ceiling;
}

export interface Ceiling {
  readonly cpus: number;
  readonly memoryMiB: number;
}
