import { createHash } from "node:crypto";
import { SshKey } from "@berth/sdk";
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import { metaData, networkConfig, userData } from "./cloudInit/index.js";
import { domainXslt } from "./domainXslt.js";
import type { Hypervisor } from "./hypervisor.js";
import { kernelArguments } from "./kernelArguments.js";
import { bytes, mebibytes } from "./quantity.js";
import { type Transform, transformed } from "./transform.js";

export interface VirtualMachineArgs {
  /** Where it runs. Changing it: replace. */
  hypervisor: Hypervisor;
  /** One of the hypervisor's images. Changing it: replace. */
  image: string;
  /** IPv4 address in the hypervisor's network. Changing it: replace. */
  address: string;
  /** Ethernet address. Changing it: replace. */
  mac: string;
  /** Virtual processors. Default 1. Changing it: restart, on the same disk. */
  cpus?: number;
  /** e.g. `2GiB`. Default `1GiB`. Changing it: restart, on the same disk. */
  memory?: string;
  /** Size of the root disk, e.g. `10GiB`; not below the image's. Default `4GiB`. Changing it: replace. */
  disk?: string;
  /** libvirt's name of the domain. Default: the component's name. Changing it: replace. */
  domainName?: string;
  /** Starts with the hypervisor. Default true. Changing it: in place. */
  autostart?: boolean;
  /** The operator's key pair, for all that reaches into the machine. Default: one of the machine's own. Changing it: replace. */
  operatorKey?: SshKey;
  /** cloud-config of the user's own, merged over Berth's. Default: none. Changing it: replace. */
  cloudConfig?: Readonly<Record<string, unknown>>;
  transform?: {
    domain?: Transform<libvirt.DomainArgs>;
    disk?: Transform<libvirt.VolumeArgs>;
    seed?: Transform<libvirt.CloudInitDiskArgs>;
  };
}

/** How to reach a machine; the private key is secret. */
export interface SshAccess {
  readonly host: string;
  readonly user: string;
  readonly privateKey: pulumi.Output<string>;
  readonly hostKey: pulumi.Output<string>;
}

/** The account that Berth makes in every machine: key only, sudo, Docker. */
const operator = "berth";

/** A libvirt domain on a linked clone of a base image, with a host key that the program knows before it boots. */
export class VirtualMachine extends pulumi.ComponentResource {
  readonly name: string;
  readonly hypervisor: Hypervisor;
  readonly address: string;
  /** The domain's UUID; another one is another machine. */
  readonly domainId: pulumi.Output<string>;
  /** Path, on the hypervisor, of what the machine wrote on its serial console. */
  readonly consoleLog: string;
  readonly ssh: SshAccess;
  readonly nodes: {
    readonly domain: libvirt.Domain;
    readonly disk: libvirt.Volume;
    readonly seed: libvirt.CloudInitDisk;
    readonly hostKey: SshKey;
  };

  constructor(name: string, args: VirtualMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:VirtualMachine", name, {}, opts);
    const { hypervisor, address } = args;
    const image = hypervisor.images[args.image];
    if (image === undefined) {
      const known = Object.keys(hypervisor.images).join(", ") || "none";
      throw new pulumi.ResourceError(
        `machine "${name}": hypervisor "${hypervisor.name}" has no image "${args.image}"; it has: ${known}`,
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
      nameservers: [hypervisor.gateway],
    });
    const firstBoot = pulumi.unsecret(
      text.apply((data) => createHash("sha256").update(data).update(network).digest("hex").slice(0, 12)),
    );

    const disk = new libvirt.Volume(
      ...transformed(
        args.transform?.disk,
        name,
        {
          name: `${domainName}.qcow2`,
          pool,
          baseVolumeId: image.disk.id,
          format: "qcow2",
          size: bytes(args.disk ?? "4GiB"),
        } as libvirt.VolumeArgs,
        // A machine reads its seed once, on a new disk.
        { ...child, replacementTrigger: firstBoot },
      ),
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

    // The identifier is "path;uuid". It is a plain virtio disk: every guest kernel that finds its root finds it too.
    const seedPath = seed.id.apply((id) => id.split(";")[0]!);
    const domain = new libvirt.Domain(
      ...transformed(
        args.transform?.domain,
        name,
        {
          name: domainName,
          type: hypervisor.accelerator,
          machine: "q35",
          cpu: {
            mode: hypervisor.accelerator.apply((type) => (type === "kvm" ? "host-passthrough" : "maximum")),
          },
          vcpu: args.cpus ?? 1,
          memory: mebibytes(args.memory ?? "1GiB"),
          autostart: args.autostart ?? true,
          ...(image.kernel && { kernel: image.kernel.id, cmdlines: kernelArguments(image.cmdline) }),
          ...(image.initrd && { initrd: image.initrd.id }),
          disks: [{ volumeId: disk.id }, { volumeId: seedPath }],
          networkInterfaces: [{ networkId: hypervisor.nodes.network.id, mac: args.mac.toUpperCase() }],
          consoles: [{ type: "pty", targetPort: "0", targetType: "serial" }],
          qemuAgent: false,
          xml: {
            xslt: pulumi.all([disk.id, seedPath]).apply(([root, first]) =>
              domainXslt({
                consoleLog: this.consoleLog,
                volumes: [{ path: root }, { path: first, readonly: true }],
              }),
            ),
          },
        } as libvirt.DomainArgs,
        child,
      ),
    );

    this.domainId = domain.id;
    this.ssh = {
      host: address,
      user: operator,
      privateKey: operatorKey.privateKey,
      hostKey: hostKey.publicKey,
    };
    this.nodes = { domain, disk, seed, hostKey };
    this.registerOutputs({ address, domainId: this.domainId, hostKey: hostKey.publicKey });
  }
}
