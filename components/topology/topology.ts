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
  readonly services: readonly ServiceSpec[];
  readonly loadBalancers: readonly LoadBalancerSpec[];
  /** Names of the values under `berth:secrets`. The values themselves stay out of the topology. */
  readonly secrets: readonly string[];
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
}

/** A NAT network of the hypervisor's own. */
export interface NetworkSpec {
  /** libvirt's name of the network. */
  readonly name: string;
  /** Linux bridge, at most 15 characters. */
  readonly bridge: string;
  /** Canonical IPv4 network, such as `192.168.130.0/24`. */
  readonly cidr: string;
  readonly prefixLength: number;
  /** The hypervisor's own address in the network: the first one. */
  readonly gateway: string;
  /** Resolvers for the machines; the default is the gateway, where libvirt's dnsmasq answers. */
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
  /** Path of a qcow2 file, relative to the project's folder. */
  readonly disk: string;
  /** SHA-256 of the disk's file, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Linux kernel for a direct kernel boot; none: the disk boots by its own boot loader. */
  readonly kernel?: string;
  readonly kernelSha256?: string;
  /** Initial RAM disk that belongs to `kernel`. */
  readonly initrd?: string;
  readonly initrdSha256?: string;
  /** The kernel's command line. */
  readonly cmdline?: string;
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
  readonly diskBytes: number;
  /** Static IPv4 address in the hypervisor's network. */
  readonly address: string;
  readonly macAddress: string;
  readonly docker: DockerSpec;
  /** For selecting machines in `services.*.machines`. */
  readonly labels: Readonly<Record<string, string>>;
  /** More cloud-config, merged into Berth's own (see `components/cloudInit`). */
  readonly cloudConfig: Readonly<Record<string, unknown>>;
  /** How long the machine may take from its start until SSH answers. */
  readonly readyTimeoutMs: number;
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

/** `machine`: no two replicas on one machine. `none`: evenly, several on a machine where they must. */
export type Spread = "machine" | "none";

/** What Docker does when the container ends. */
export type RestartPolicy = "no" | "on-failure" | "always" | "unless-stopped";

export interface ServiceSpec {
  readonly name: string;
  readonly image: ImageSource;
  readonly replicas: number;
  /** TCP port in the container. */
  readonly port: number;
  /** TCP port on the machine of the first replica there; further ones take the next that are free. None: from `port` on. */
  readonly publish?: number;
  readonly health: HealthSpec;
  readonly env: Readonly<Record<string, string>>;
  /** Environment variable → name under `berth:secrets`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Command and arguments instead of the image's own. */
  readonly command?: readonly string[];
  /** CPU limit of a replica; none: no limit, and placement counts nothing. */
  readonly cpus?: number;
  /** Memory limit of a replica; none: no limit, and placement counts nothing. */
  readonly memoryBytes?: number;
  readonly spread: Spread;
  /** Machines that may run it, in natural order: all, the ones named, or the ones with the labels. */
  readonly machines: readonly string[];
  readonly restart: RestartPolicy;
  /** From SIGTERM to SIGKILL. */
  readonly stopGraceMs: number;
}

/** HTTP health check, made by the load balancer and at the roll-out of a replica. */
export interface HealthSpec {
  readonly path: string;
  /** HTTP status that counts as healthy. */
  readonly status: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Successes in a row until a server takes traffic. */
  readonly rise: number;
  /** Failures in a row until it takes none. */
  readonly fall: number;
}

export type BalanceAlgorithm =
  | "roundrobin"
  | "static-rr"
  | "leastconn"
  | "first"
  | "source"
  | "uri"
  | "random";

export interface LoadBalancerSpec {
  readonly name: string;
  readonly hypervisor: string;
  /** IPv4 address on the hypervisor to listen on. */
  readonly bind: string;
  readonly port: number;
  readonly balance: BalanceAlgorithm;
  /** Longest path first, so that the first match is the most specific one. */
  readonly routes: readonly RouteSpec[];
  /** Where requests go that no route matches; none: 503. */
  readonly service?: string;
  /** What runs HAProxy; none: Berth's own image. */
  readonly image?: ImageSource;
  readonly maxConnections: number;
}

export interface RouteSpec {
  /** Matches the path itself and everything below it. */
  readonly path: string;
  readonly service: string;
}
