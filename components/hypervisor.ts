import { Accelerator, type AcceleratorChoice, ImageFile, type KernelArgs } from "@berth/sdk";
import * as docker from "@pulumi/docker";
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { BaseImageArgs, Firmware } from "./baseImage.js";
import { pluginUri, sshOptions } from "./libvirtUri.js";
import { type MachineShape, MachineTemplate } from "./machineTemplate.js";
import { firstAddress } from "./network.js";
import { mebibytes } from "./quantity.js";
import { derivedName, type Ipv6Of, ipv6Of } from "./topology/index.js";
import { type Transform, transformed } from "./transform.js";

export interface HypervisorArgs {
  /**
   * libvirt connection URI, e.g. `qemu:///system` or `qemu+ssh://root@host/system?keyfile=/path&known_hosts=/path`: the key to
   * come in with, and the host keys that are accepted, no others. Default `qemu:///system`. Changing it: replaces everything on it.
   */
  uri?: string;
  /** The Docker engine beside libvirt: builds images, runs registries and load balancers. Default `unix:///var/run/docker.sock`. Changing it: replaces what runs there. */
  docker?: string;
  /** Default `auto`: KVM where a guest really starts on it, else QEMU's emulation. Changing it: replaces the machines. */
  accelerator?: AcceleratorChoice;
  network: {
    /**
     * How machines reach what is outside: `nat`, under the hypervisor's own address; `route`, under theirs, for which routers outside
     * need a route to `cidr`; `isolated`, not at all; `bridge`, as hosts of the network that a bridge of the hypervisor's leads to. They
     * reach each other and the hypervisor in each. Default `nat`. Changing it: replace.
     */
    mode?: "nat" | "route" | "isolated" | "bridge";
    /** IPv4 network of the machines. Changing it: replace. */
    cidr: string;
    /**
     * IPv6 network of the machines beside it, each of which has an address at the same place in it as its IPv4 address has; not in mode
     * `bridge`. Default: none. Changing it: replace.
     */
    cidr6?: string;
    /** The hypervisor's own address in it, which mode `bridge` needs told. Default: the first. Changing it: replaces the registries and load balancers there. */
    address?: string;
    /** Where machines send what is for outside, in mode `bridge`. Default: `address`. Changing it: replaces the machines. */
    gateway?: string;
    /** The machines' resolvers. Default: `gateway`, where, but in mode `bridge`, libvirt answers. Changing it: replaces the machines. */
    nameservers?: readonly string[];
    /** libvirt's name of the network. Default: the component's name. Changing it: replace. */
    name?: string;
    /** Linux bridge, at most 15 characters; in mode `bridge` one that is there, else one of its own. Default: made from the network's name. Changing it: replace. */
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
  /** Saved machines, which others start from as forks. */
  templates?: {
    /** Folder on the hypervisor that keeps them, for all stacks; made where it is missing. Default `/var/lib/libvirt/berth/templates`. Changing it: they are made anew there. */
    path?: string;
    /** How much the folder may hold, e.g. `8GiB`; what was used longest ago goes first. Default `8GiB`. Changing it: in place. */
    size?: string;
  };
  transform?: {
    network?: Transform<libvirt.NetworkArgs>;
    pool?: Transform<libvirt.PoolArgs>;
  };
}

/**
 * The bridge forwards to a new port at once: with the spanning tree protocol, which libvirt turns on, it waits for 4 s, and
 * there are no loops here for it to find.
 */
const bridgeXslt = `<?xml version="1.0"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes" indent="yes"/>
  <xsl:template match="node()|@*">
    <xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy>
  </xsl:template>
  <xsl:template match="/network/bridge/@stp"><xsl:attribute name="stp">off</xsl:attribute></xsl:template>
</xsl:stylesheet>
`;

/** A base image in a hypervisor's pool. */
export interface UploadedImage {
  readonly disk: libvirt.Volume;
  /** Direct kernel boot; absent where the disk boots by itself. */
  readonly kernel?: libvirt.Volume;
  readonly initrd?: libvirt.Volume;
  readonly cmdline: string;
  readonly firmware: Firmware;
  /** Has Docker in it. */
  readonly docker: boolean;
  /** Tells the content of all its files from any other. */
  readonly digest: string;
  /** For a direct kernel boot, the paths of its files. */
  readonly boot?: KernelArgs;
}

/** A libvirt host: its accelerator, storage pool, network and base images, and the Docker engine beside it. */
export class Hypervisor extends pulumi.ComponentResource {
  readonly name: string;
  readonly uri: string;
  /** `kvm` or `qemu`. */
  readonly accelerator: pulumi.Output<"kvm" | "qemu">;
  /** Its own address in the machines' network. */
  readonly address: string;
  /** Where machines send what is for outside. */
  readonly gateway: string;
  /** The machines' resolvers. */
  readonly nameservers: readonly string[];
  /** Prefix length of the network. */
  readonly prefixLength: number;
  readonly #network: HypervisorArgs["network"];
  readonly consoleLogs: string;
  readonly images: Readonly<Record<string, UploadedImage>>;
  readonly templates: { readonly path: string; readonly size: string };
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
  readonly #templates = new Map<string, MachineTemplate>();

  constructor(name: string, args: HypervisorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:Hypervisor", name, {}, opts);
    const uri = args.uri ?? "qemu:///system";
    this.name = name;
    this.uri = uri;
    this.templates = { path: "/var/lib/libvirt/berth/templates", size: "8GiB", ...args.templates };
    this.dockerHost = args.docker ?? "unix:///var/run/docker.sock";
    this.consoleLogs = args.consoleLogs ?? "/var/log/libvirt/qemu";
    this.address = args.network.address ?? firstAddress(args.network.cidr);
    this.gateway = args.network.gateway ?? this.address;
    this.nameservers = args.network.nameservers ?? [this.gateway];
    this.#network = args.network;
    this.prefixLength = Number(args.network.cidr.split("/")[1]);
    this.libvirt = new libvirt.Provider(name, { uri: pluginUri(uri) }, { parent: this });
    const sshOpts = this.dockerHost.startsWith("ssh:") ? sshOptions(uri) : [];
    this.docker = new docker.Provider(
      name,
      { host: this.dockerHost, disableDockerDaemonCheck: true, ...(sshOpts.length > 0 && { sshOpts }) },
      { parent: this },
    );

    const child = { parent: this, provider: this.libvirt };
    const networkName = args.network.name ?? name;
    const network = new libvirt.Network(
      ...transformed(
        args.transform?.network,
        name,
        {
          name: networkName,
          autostart: true,
          ...(args.network.mode === "bridge"
            ? { mode: "bridge", bridge: args.network.bridge }
            : {
                // libvirt's own choice is one that others of its networks, made at the same moment, may take too.
                bridge: args.network.bridge ?? derivedName(`br-${networkName}`, 15),
                // libvirt's word for an isolated network.
                mode: args.network.mode === "isolated" ? "none" : (args.network.mode ?? "nat"),
                addresses: [
                  args.network.cidr,
                  ...(args.network.cidr6 === undefined ? [] : [args.network.cidr6]),
                ],
                dhcp: { enabled: false },
                dns: { enabled: true },
                xml: { xslt: bridgeXslt },
              }),
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

  /** What a machine with this IPv4 address has of IPv6; undefined without `cidr6`. */
  ipv6(address: string): Ipv6Of | undefined {
    return ipv6Of({ ...this.#network, gateway: this.gateway }, address);
  }

  /**
   * An image by its name.
   *
   * @param whose words for what wants it, for the error
   * @throws where there is none, with those that there are
   */
  image(name: string, whose: string, resource: pulumi.Resource): UploadedImage {
    const image = this.images[name];
    if (image !== undefined) return image;
    const known = Object.keys(this.images).join(", ") || "none";
    throw new pulumi.ResourceError(
      `${whose}: hypervisor "${this.name}" has no image "${name}"; it has: ${known}`,
      resource,
      true,
    );
  }

  /** The template of an image and a shape: one, however many machines start from it. */
  template(image: string, shape: Required<MachineShape>): MachineTemplate {
    const { cpus, memory, maxCpus, maxMemory } = shape;
    const named = (processors: number, size: string) => `${processors}cpu-${mebibytes(size)}MiB`;
    const own = named(cpus, memory);
    const most = named(maxCpus, maxMemory);
    const key = `${image}-${own}${most === own ? "" : `-to-${most}`}`;
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const template = new MachineTemplate(
      `${this.name}-${key}`,
      { hypervisor: this, image, ...shape },
      { parent: this },
    );
    this.#templates.set(key, template);
    return template;
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
      // Resources of several hypervisors have the same parents' types, so that only their names tell them apart.
      const own = `${this.name}-${name}`;
      const file = new ImageFile(
        own,
        { path, sha256, ...(part === "disk" && { disk: true }) },
        { parent: this },
      );
      const suffix = part === "disk" ? ".qcow2" : "";
      return new libvirt.Volume(
        own,
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
    const disk = volume("disk", image.disk, image.sha256);
    const kernel =
      image.kernel === undefined ? undefined : volume("kernel", image.kernel, image.kernelSha256);
    const initrd =
      image.initrd === undefined ? undefined : volume("initrd", image.initrd, image.initrdSha256);
    const cmdline = image.cmdline ?? "";
    return {
      disk,
      ...(kernel && { kernel, boot: { kernel: kernel.id, ...(initrd && { initrd: initrd.id }), cmdline } }),
      ...(initrd && { initrd }),
      cmdline,
      firmware: image.firmware ?? "bios",
      docker: image.docker ?? false,
      digest: [image.sha256, image.kernelSha256 ?? "", image.initrdSha256 ?? ""].join(" "),
    };
  }
}
