import type { LoadBalancerSpec, Protocol } from "./loadBalancerSpec.js";

/**
 * A stack's whole installation as validated data: every default is filled in, every reference leads somewhere.
 * Lists are in natural order of their names (`web-2` before `web-10`), whatever the order in the configuration,
 * because the engine hands objects over with their keys sorted. Sizes are in bytes, durations in milliseconds.
 */
export interface Topology {
  /** The Pulumi stack's name; part of every name that libvirt sees. */
  readonly stack: string;
  readonly hypervisors: readonly HypervisorSpec[];
  readonly images: readonly BaseImageSpec[];
  readonly machines: readonly MachineSpec[];
  readonly registries: readonly RegistrySpec[];
  readonly containerImages: readonly ContainerImageSpec[];
  /** Services whose replicas are containers in the machines. */
  readonly services: readonly ServiceSpec[];
  /** Services whose replicas are virtual machines of their own. */
  readonly machineServices: readonly MachineServiceSpec[];
  readonly loadBalancers: readonly LoadBalancerSpec[];
  readonly snapshots: readonly SnapshotSpec[];
  readonly placement: PlacementSpec;
  /** Names of the values under `berth:secrets`. The values themselves stay out of the topology. */
  readonly secrets: readonly string[];
}

/** Machines at one point in time, kept in their own disks. */
export interface SnapshotSpec {
  readonly name: string;
  /** Names, in natural order. */
  readonly machines: readonly string[];
  readonly description: string;
  /** With what is in memory. */
  readonly memory: boolean;
  /** A new word takes the machines back. */
  readonly revert?: string;
}

export interface PlacementSpec {
  /** `balance`: the fullest machine as empty as possible. `pack`: as few machines as possible. Neither moves what runs. */
  readonly prefer: "balance" | "pack";
}

/** `auto` probes KVM by starting a guest on it and falls back to `qemu` (emulation). */
export type Accelerator = "auto" | "kvm" | "qemu";

export interface HypervisorSpec {
  readonly name: string;
  /** libvirt connection URI. */
  readonly uri: string;
  /** Docker Engine on the hypervisor, where images are built and registries and load balancers run. */
  readonly dockerHost: string;
  readonly accelerator: Accelerator;
  readonly network: NetworkSpec;
  readonly pool: PoolSpec;
  /** Folder on the hypervisor for `<domain>.log`, the machines' serial consoles; none: no log file. */
  readonly consoleLogs?: string;
  /** Folder on the hypervisor for saved machines, which others start from, and how many bytes it may hold. */
  readonly templates: { readonly path: string; readonly sizeBytes: number };
  /** What its machines may take together; none: no service may run as a machine there. */
  readonly capacity?: CapacitySpec;
  /** What fails together; default: the hypervisor's name. */
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Only services that tolerate every one of them run as machines here. */
  readonly taints: readonly string[];
  /** Price of using it for services that run as machines, in any one unit. */
  readonly cost: number;
}

export interface CapacitySpec {
  /** Virtual CPUs. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** A network of the hypervisor's own, or one outside that a bridge of its leads to. */
export interface NetworkSpec {
  readonly mode: "nat" | "route" | "isolated" | "bridge";
  /** libvirt's name of the network. */
  readonly name: string;
  /** Linux bridge, at most 15 characters. */
  readonly bridge: string;
  /** Canonical IPv4 network, such as `192.168.130.0/24`. */
  readonly cidr: string;
  readonly prefixLength: number;
  /** IPv6 network beside it. None: the machines have no IPv6 address. */
  readonly cidr6?: string;
  /** The part of it that machines' default addresses are taken from. */
  readonly range: string;
  /** The hypervisor's own address in the network. */
  readonly address: string;
  /** Where machines send what is for outside: the hypervisor, but in mode `bridge`. */
  readonly gateway: string;
  /** Resolvers for the machines; the default is the gateway, where, but in mode `bridge`, libvirt's dnsmasq answers. */
  readonly nameservers: readonly string[];
}

export interface PoolSpec {
  readonly name: string;
  /** Folder on the hypervisor. */
  readonly path: string;
}

/** A guest image: by the manifest that its builder wrote, or spelled out. */
export type BaseImageSpec = ManifestImageSpec | DiskImageSpec;

export interface ManifestImageSpec {
  readonly name: string;
  readonly kind: "manifest";
  /** Path of an `image.json`, relative to the project's folder. */
  readonly manifest: string;
}

export interface DiskImageSpec {
  readonly name: string;
  readonly kind: "disk";
  /** A qcow2 or raw disk: path, relative to the project's folder, or `file:` or `https:` URL. */
  readonly disk: string;
  /** SHA-256 of the disk's file, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Linux kernel for a direct kernel boot; none: the disk boots by its own boot loader. */
  readonly kernel?: string;
  readonly kernelSha256?: string;
  /** Initial RAM disk that belongs to `kernel`. */
  readonly initrd?: string;
  readonly initrdSha256?: string;
  /** What starts its machines; none: QEMU's SeaBIOS. */
  readonly firmware?: "bios" | "uefi";
  /** The kernel's command line. */
  readonly cmdline?: string;
  /** Docker is in it; none: it is not. */
  readonly docker?: boolean;
}

export interface DataDiskSpec {
  readonly sizeBytes: number;
  /** Folder in the machine. None: left to the machine. */
  readonly mount?: string;
  /** It stays when the machine is replaced. */
  readonly keep: boolean;
}

export interface InterfaceSpec {
  /** libvirt's name of the network. */
  readonly network: string;
  readonly macAddress: string;
  /** With prefix length. None: left to the machine. */
  readonly address?: string;
}

export interface MachineSpec {
  readonly name: string;
  /** libvirt's name of the domain. */
  readonly domain: string;
  readonly hypervisor: string;
  readonly image: string;
  /** Virtual CPUs. */
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Up to which it can be given processors and memory while it runs. */
  readonly maxCpus: number;
  readonly maxMemoryBytes: number;
  readonly diskBytes: number;
  /** Disks beside the root, by name. */
  readonly disks: Readonly<Record<string, DataDiskSpec>>;
  /** Names of disks that may be deleted with what is on them. */
  readonly discard: readonly string[];
  /** Interfaces beside the first, by name. */
  readonly interfaces: Readonly<Record<string, InterfaceSpec>>;
  readonly bootOrder: readonly ("disk" | "network")[];
  readonly description?: string;
  /** Static IPv4 address in the hypervisor's network. */
  readonly address: string;
  readonly macAddress: string;
  readonly docker: DockerSpec;
  /** For selecting machines in `services.*.machines`, and for `near` and `apart`. */
  readonly labels: Readonly<Record<string, string>>;
  /** What fails together; default: the hypervisor's zone. */
  readonly zone: string;
  /** Only services that tolerate every one of them run here. */
  readonly taints: readonly string[];
  /** What the system and its Docker Engine keep; containers get the rest. */
  readonly reserved: ReservedSpec;
  /** Price of using it, in any one unit: of placements that are equal otherwise, the cheaper one is taken. */
  readonly cost: number;
  /** For maintenance: it takes no replica, and those that it has move. */
  readonly drain: boolean;
  /** More cloud-config, merged into Berth's own (see `components/cloudInit`). */
  readonly cloudConfig: Readonly<Record<string, unknown>>;
  /** What another first-boot seed does to a machine that is there. */
  readonly newSeed: "ignore" | "replace";
  /** `auto`: as a fork of a machine that is up already where that can be, else by a boot; `fork`: that or an error. */
  readonly start: "auto" | "fork" | "cold";
  /** One that does not run has no containers. */
  readonly power: "running" | "stopped" | "paused";
  /** How long its guest may take to shut itself down. */
  readonly stopGraceMs: number;
  /** How long each step may take: to the first answer at its address, from there to SSH, from there to the end of the first boot. */
  readonly readyTimeoutMs: number;
}

export interface ReservedSpec {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

export interface DockerSpec {
  /** The guest distribution's package, installed where Docker is missing. */
  readonly package: string;
  /** Content of daemon.json. */
  readonly daemon: Readonly<Record<string, unknown>>;
  /** How long Docker may take, its installation included, until it answers. */
  readonly readyTimeoutMs: number;
}

/** A container image: one that this stack builds, or one that exists, by digest. */
export type ImageSource =
  | { readonly kind: "built"; readonly containerImage: string }
  | { readonly kind: "reference"; readonly ref: string };

export interface RegistrySpec {
  readonly name: string;
  readonly hypervisor: string;
  /** TCP port on the network's gateway address and on 127.0.0.1 of the hypervisor. */
  readonly port: number;
  /** What runs the registry; none: Berth's own image. */
  readonly image?: ImageSource;
}

export interface ContainerImageSpec {
  readonly name: string;
  /** Hypervisor whose Docker Engine builds it. */
  readonly hypervisor: string;
  /** Build context, relative to the project's folder. */
  readonly context: string;
  /** Dockerfile, relative to the context. */
  readonly dockerfile: string;
  /** Build arguments; they end up in the image's history, so never a secret. */
  readonly args: Readonly<Record<string, string>>;
  /** Stage to build; none: the last one. */
  readonly target?: string;
  /** Registries it is pushed to; empty: it stays on the hypervisor. */
  readonly registries: readonly string[];
}

/** `machine`, `zone`: no two replicas in one. `none`: evenly, several on a machine where they must. */
export type Spread = "machine" | "zone" | "none";

/** What a service's replicas are to be near to, or apart from: another service's replicas, or machines. */
export type NeighbourSpec = (
  | { readonly service: string /** How near or far. */; readonly within: "machine" | "zone" }
  | { readonly label: string; readonly value: string }
  | { readonly zone: string }
) & {
  /** How much it is preferred; none: it is required. */
  readonly weight?: number;
};

/** What a replica is sure to get, and placement counts. */
export interface RequestsSpec {
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly diskBytes?: number;
}

/** What Docker does when the container ends. */
export type RestartPolicy = "no" | "on-failure" | "always" | "unless-stopped";

/** What placement goes by, of a service whose replicas are containers and of one whose are machines. A place is what a replica runs on: a machine, or a hypervisor. */
export interface PlacedSpec {
  readonly name: string;
  readonly replicas: number;
  /** What placement counts for a replica; default: its limits, or its machine's size. */
  readonly requests: RequestsSpec;
  readonly spread: Spread;
  /** Taints of places that may run it all the same. */
  readonly tolerates: readonly string[];
  readonly near: readonly NeighbourSpec[];
  readonly apart: readonly NeighbourSpec[];
  /** Where not all services fit, the higher goes first. */
  readonly priority: number;
  /** Services of one group have equally many replicas, and the n-th of each are on one place. */
  readonly group?: string;
  /** It keeps data where it runs: replicas stay on their place while that is there, and are not replaced by others elsewhere. */
  readonly stateful: boolean;
  /** Replica number, from 1 → place, by hand. */
  readonly pins: Readonly<Record<string, string>>;
}

/** A service whose replicas are containers. */
export interface ServiceSpec extends PlacedSpec {
  readonly image: ImageSource;
  /** What it speaks: `http`, or anything else over TCP. */
  readonly protocol: Protocol;
  /** TCP port in the container. */
  readonly port: number;
  /** TCP port on the machine of the first replica there; further ones, and changed ones, take the next that are free. None: from `port` on. */
  readonly publish?: number;
  readonly health: HealthSpec;
  readonly env: Readonly<Record<string, string>>;
  /** Environment variable → name under `berth:secrets`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What it reaches by a load balancer: `API` gives its environment `API_URL`, `API_HOST` and `API_PORT`. */
  readonly connects: Readonly<Record<string, ConnectionSpec>>;
  /** Command and arguments instead of the image's own. */
  readonly command?: readonly string[];
  /** CPU limit of a replica; none: no limit. */
  readonly cpus?: number;
  /** Memory limit of a replica; none: no limit. */
  readonly memoryBytes?: number;
  /** Machines that may run it, in natural order: all, the ones named, or the ones with the labels; none with a taint that it does not tolerate. */
  readonly machines: readonly string[];
  readonly restart: RestartPolicy;
  /** From SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
  /** How replicas that change are replaced; none: all at once, each by one beside it. */
  readonly rollout?: RolloutSpec;
  /** How `berth autoscale` chooses `replicas`; none: it does not. */
  readonly autoscale?: AutoscaleSpec;
}

/** Loads that a replica is to have, as HAProxy counts them; of several the one that needs most replicas counts. */
export interface AutoscaleSpec {
  readonly min: number;
  readonly max: number;
  /** Requests or connections at once, of one replica. */
  readonly sessions?: number;
  /** Requests that wait, for one replica. */
  readonly queue?: number;
  /** A second, of one replica. */
  readonly requests?: number;
  /** Mean time until an answer's headers are there. */
  readonly responseMs?: number;
  /** Nothing changes while the load is this near to what it is to be. */
  readonly tolerancePercent: number;
  /** For how long fewer replicas must have been enough before some go. */
  readonly scaleInAfterMs: number;
}

export type RolloutSpec =
  | {
      readonly strategy: "rolling";
      /** Most replicas beyond the number, or a percentage of it. */
      readonly maxSurge: number | string;
      /** Most replicas that are missing from the number, or a percentage of it. */
      readonly maxUnavailable: number | string;
    }
  | { readonly strategy: "blueGreen"; readonly holdMs: number; readonly check: RolloutCheckSpec }
  | {
      readonly strategy: "canary";
      /** Percent of the requests, stage by stage. */
      readonly weights: readonly number[];
      readonly holdMs: number;
      readonly check: RolloutCheckSpec;
    };

/** What new replicas are judged by, beside HAProxy's health checks. */
export interface RolloutCheckSpec {
  /** Asked of each; none: nothing is. */
  readonly path?: string;
  readonly status: number;
  readonly timeoutMs: number;
  /** Most answers with a status of 500 or more; none: no limit. */
  readonly errorPercent?: number;
  /** Most that the mean answer takes; none: no limit. */
  readonly responseMs?: number;
  /** Fewer requests decide nothing. */
  readonly minRequests: number;
}

/** Where a frontend of a load balancer answers. */
export interface ConnectionSpec {
  readonly loadBalancer: string;
  readonly frontend: string;
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end. */
  readonly url: string;
}

/** A service each replica of which is a virtual machine of its own, made from a guest image that has the program in it. */
export interface MachineServiceSpec extends PlacedSpec {
  /** Guest image. */
  readonly image: string;
  /** Machines beyond `replicas` that run and answer, but get no requests: the next replicas, there before they are asked for. */
  readonly warm: number;
  /** TCP port on which each machine answers. */
  readonly port: number;
  readonly protocol: Protocol;
  readonly health: HealthSpec;
  /** Virtual CPUs of a replica. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Hypervisors that may run it, in natural order: all with a capacity, the ones named, or the ones with the labels. */
  readonly hypervisors: readonly string[];
  readonly cloudConfig: Readonly<Record<string, unknown>>;
  readonly start: "auto" | "fork" | "cold";
  /** How long a replica may take from its start until it answers. */
  readonly readyTimeoutMs: number;
  /** How long its guest may take to shut itself down. */
  readonly stopGraceMs: number;
}

/** Health check, made by the load balancer and at the roll-out of a replica. */
export interface HealthSpec {
  /** `http`: a request and its status; `tcp`: a connection; `none`: a replica is taken as healthy. */
  readonly type: "http" | "tcp" | "none";
  readonly method: "GET" | "HEAD" | "OPTIONS" | "POST";
  readonly path: string;
  /** Host header of the request. */
  readonly host: string;
  /** HTTP status that counts as healthy, or several, such as `200-299,304`. */
  readonly status: number | string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Successes in a row until a server takes traffic. */
  readonly rise: number;
  /** Failures in a row until it takes none. */
  readonly fall: number;
  /** Port where the replica's own agent says how much it can take (HAProxy's agent check); none: there is none. */
  readonly agent?: { readonly port: number; readonly intervalMs: number };
}
