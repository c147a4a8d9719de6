import { Accelerator, type AcceleratorChoice, ImageFile } from "@berth/sdk";
import * as docker from "@pulumi/docker";
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { BaseImageArgs } from "./baseImage.js";
import { gatewayOf } from "./network.js";
import { type Transform, transformed } from "./transform.js";

export interface HypervisorArgs {
  /** libvirt connection URI, e.g. `qemu:///system`, `qemu+ssh://host/system`. Default `qemu:///system`. Changing it: replaces everything on it. */
  uri?: string;
  /** The Docker engine beside libvirt: builds images, runs registries and load balancers. Default `unix:///var/run/docker.sock`. Changing it: replaces what runs there. */
  docker?: string;
  /** Default `auto`: KVM where a guest really starts on it, else QEMU's emulation. Changing it: replaces the machines. */
  accelerator?: AcceleratorChoice;
  network: {
    /** IPv4 network of the machines; its first address is the gateway. Changing it: replace. */
    cidr: string;
    /** libvirt's name of the network. Default: the component's name. Changing it: replace. */
    name?: string;
    /** Linux bridge, at most 15 characters. Default: libvirt's choice. Changing it: replace. */
    bridge?: string;
  };
  pool: {
    /** Folder on the hypervisor for disks and images; made where it is missing. Changing it: replaces the machines. */
    path: string;
    /** libvirt's name of the pool. Default: the component's name. Changing it: replaces the machines. */
    name?: string;
  };
  /** Guests' base images, by the name that machines use. A new key uploads one more; nothing else changes. */
  images: Readonly<Record<string, BaseImageArgs>>;
  /** Folder on the hypervisor for the machines' serial console logs. Default `/var/log/libvirt/qemu`. Changing it: replaces the machines. */
  consoleLogs?: string;
  transform?: {
    network?: Transform<libvirt.NetworkArgs>;
    pool?: Transform<libvirt.PoolArgs>;
  };
}

/** A base image in a hypervisor's pool. */
export interface UploadedImage {
  readonly disk: libvirt.Volume;
  /** Direct kernel boot; absent where the disk boots by itself. */
  readonly kernel?: libvirt.Volume;
  readonly initrd?: libvirt.Volume;
  readonly cmdline: string;
}

/** A libvirt host: its accelerator, storage pool, network and base images, and the Docker engine beside it. */
export class Hypervisor extends pulumi.ComponentResource {
  readonly name: string;
  /** `kvm` or `qemu`. */
  readonly accelerator: pulumi.Output<"kvm" | "qemu">;
  /** The network's gateway: the hypervisor's own address on it. */
  readonly gateway: string;
  /** Prefix length of the network. */
  readonly prefixLength: number;
  readonly consoleLogs: string;
  readonly images: Readonly<Record<string, UploadedImage>>;
  /** For resources of `@pulumi/libvirt`. */
  readonly libvirt: libvirt.Provider;
  /** For resources of `@pulumi/docker` on the hypervisor itself. */
  readonly docker: docker.Provider;
  readonly dockerHost: string;
  readonly nodes: {
    readonly network: libvirt.Network;
    readonly pool: libvirt.Pool;
    readonly accelerator: Accelerator;
  };

  constructor(name: string, args: HypervisorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:Hypervisor", name, {}, opts);
    const uri = args.uri ?? "qemu:///system";
    this.name = name;
    this.dockerHost = args.docker ?? "unix:///var/run/docker.sock";
    this.consoleLogs = args.consoleLogs ?? "/var/log/libvirt/qemu";
    this.gateway = gatewayOf(args.network.cidr);
    this.prefixLength = Number(args.network.cidr.split("/")[1]);
    this.libvirt = new libvirt.Provider(name, { uri }, { parent: this });
    this.docker = new docker.Provider(
      name,
      { host: this.dockerHost, disableDockerDaemonCheck: true },
      { parent: this },
    );

    const child = { parent: this, provider: this.libvirt };
    const network = new libvirt.Network(
      ...transformed(
        args.transform?.network,
        name,
        {
          name: args.network.name ?? name,
          mode: "nat",
          addresses: [args.network.cidr],
          autostart: true,
          dhcp: { enabled: false },
          dns: { enabled: true },
          ...(args.network.bridge !== undefined && { bridge: args.network.bridge }),
        } as libvirt.NetworkArgs,
        { ...child, deleteBeforeReplace: true },
      ),
    );
    const pool = new libvirt.Pool(
      ...transformed(
        args.transform?.pool,
        name,
        { name: args.pool.name ?? name, type: "dir", target: { path: args.pool.path } } as libvirt.PoolArgs,
        { ...child, deleteBeforeReplace: true },
      ),
    );
    this.images = Object.fromEntries(
      Object.entries(args.images).map(([key, image]) => [key, this.#upload(key, image, pool)]),
    );

    const probe = Object.values(this.images).find((image) => image.kernel !== undefined);
    const accelerator = new Accelerator(
      name,
      {
        uri,
        accelerator: args.accelerator ?? "auto",
        ...(probe?.kernel && { kernel: probe.kernel.id }),
      },
      { parent: this },
    );
    this.accelerator = accelerator.type;
    this.nodes = { network, pool, accelerator };
    this.registerOutputs({ accelerator: this.accelerator, gateway: this.gateway });
  }

  #upload(key: string, image: BaseImageArgs, pool: libvirt.Pool): UploadedImage {
    const volume = (part: "disk" | "kernel" | "initrd", path: string, sha256: string | undefined) => {
      if (sha256 === undefined) {
        throw new pulumi.ResourceError(
          `image "${key}": ${part} needs ${part}Sha256, so that what boots is what was meant`,
          this,
          true,
        );
      }
      const name = `${key}-${part}`;
      const file = new ImageFile(name, { path, sha256 }, { parent: this });
      const suffix = part === "disk" ? ".qcow2" : "";
      return new libvirt.Volume(
        name,
        {
          // The digest is part of the name: another content is another volume, and both can exist while machines change over.
          name: `${name}-${sha256.slice(0, 12)}${suffix}`,
          pool: pool.name,
          source: file.file,
          format: part === "disk" ? "qcow2" : "raw",
        },
        // The upload's source is where the file lies now; only its content matters, and that is in the name.
        { parent: this, provider: this.libvirt, ignoreChanges: ["source"] },
      );
    };
    return {
      disk: volume("disk", image.disk, image.sha256),
      ...(image.kernel !== undefined && { kernel: volume("kernel", image.kernel, image.kernelSha256) }),
      ...(image.initrd !== undefined && { initrd: volume("initrd", image.initrd, image.initrdSha256) }),
      cmdline: image.cmdline ?? "",
    };
  }
}
