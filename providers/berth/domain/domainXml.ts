import { attribute, elementText, escapeXml } from "../../virsh/xml.js";
import type { Ceiling, DomainInputs } from "./types.js";

/** PCI Express ports, those free for what is attached to a running machine among them. */
const slots = 12;
/** How many times memory can be added to a running machine. */
const memorySlots = 16;

/**
 * With the feature ERMS, guests copy and clear memory by one instruction that repeats itself for each byte, and QEMU's emulation
 * carries it out byte by byte: 4096 steps to clear a page, and 512 without.
 */
const emulatedCpu = (nodes: string) =>
  `<cpu mode="maximum"><feature policy="disable" name="erms"/>${nodes}</cpu>`;
const realCpu = (nodes: string) =>
  nodes === "" ? '<cpu mode="host-passthrough"/>' : `<cpu mode="host-passthrough">${nodes}</cpu>`;

/** What {@link domainXml} describes. */
export type DomainShape = Pick<
  DomainInputs,
  "name" | "type" | "machine" | "cpus" | "memoryMiB" | "seed" | "boot" | "consoleLog"
> &
  Partial<
    Pick<DomainInputs, "maxCpus" | "maxMemoryMiB" | "firmware" | "bootOrder" | "interfaces" | "description">
  > & {
    readonly disk: string;
    readonly uuid?: string;
    /** A string: its address, and it leads nowhere. Without one, there is no interface. */
    readonly nic?: DomainInputs["nic"] | string;
    /** Paths of the data disks, by name. */
    readonly dataDisks?: Readonly<Record<string, string>>;
  };

/**
 * A domain as Berth starts it: no graphics, no USB, a serial console whose output is kept, the guest agent's channel, a source of
 * random numbers, and a generation id that tells a guest's kernel that it was restored.
 */
export function domainXml(shape: DomainShape, metadata = ""): string {
  const { name, type, cpus, boot, seed, nic, interfaces = {}, dataDisks = {}, bootOrder = ["disk"] } = shape;
  const { memoryMiB, maxMemoryMiB = memoryMiB, maxCpus = cpus } = shape;
  const devices = { disk: "hd", network: "network" };
  // Only what can be given memory while it runs has nodes to put it in.
  const numa =
    maxMemoryMiB > memoryMiB
      ? `<numa><cell id="0" cpus="0-${maxCpus - 1}" memory="${memoryMiB}" unit="MiB"/></numa>`
      : "";
  const lines = [
    `<domain type="${type}">`,
    `<name>${escapeXml(name)}</name>`,
    shape.uuid === undefined ? "" : `<uuid>${shape.uuid}</uuid>`,
    "<genid/>",
    metadata,
    shape.description === undefined ? "" : `<description>${escapeXml(shape.description)}</description>`,
    maxMemoryMiB > memoryMiB
      ? `<maxMemory slots="${memorySlots}" unit="MiB">${maxMemoryMiB}</maxMemory>`
      : "",
    `<memory unit="MiB">${memoryMiB}</memory>`,
    maxCpus > cpus ? `<vcpu current="${cpus}">${maxCpus}</vcpu>` : `<vcpu>${cpus}</vcpu>`,
    shape.firmware === "uefi" ? '<os firmware="efi">' : "<os>",
    `<type machine="${escapeXml(shape.machine)}">hvm</type>`,
    shape.firmware === "uefi" ? '<firmware><feature enabled="no" name="secure-boot"/></firmware>' : "",
    ...(boot === undefined
      ? bootOrder.map((device) => `<boot dev="${devices[device]}"/>`)
      : [
          `<kernel>${escapeXml(boot.kernel)}</kernel>`,
          boot.initrd === undefined ? "" : `<initrd>${escapeXml(boot.initrd)}</initrd>`,
          `<cmdline>${escapeXml(boot.cmdline)}</cmdline>`,
        ]),
    "</os>",
    "<features><acpi/><apic/></features>",
    type === "kvm" ? realCpu(numa) : emulatedCpu(numa),
    '<clock offset="utc"/>',
    "<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>",
    "<devices>",
    '<controller type="pci" index="0" model="pcie-root"/>',
    ...Array.from(
      { length: slots },
      (_, index) => `<controller type="pci" index="${index + 1}" model="pcie-root-port"/>`,
    ),
    '<controller type="usb" model="none"/>',
    '<disk type="file" device="disk"><driver name="qemu" type="qcow2" discard="unmap"/>',
    `<source file="${escapeXml(shape.disk)}"/><target dev="vda" bus="virtio"/></disk>`,
    seed === undefined ? "" : seedXml(seed),
    ...(Object.keys(dataDisks).length === 0 ? [] : [scsiXml]),
    ...Object.entries(dataDisks)
      .sort(([one], [two]) => (one < two ? -1 : 1))
      .map(([disk, path], index) => dataDiskXml(disk, path, scsiTarget(index))),
    nic === undefined ? "" : typeof nic === "string" ? unpluggedXml(nic) : nicXml(nic),
    ...Object.values(interfaces).map(nicXml),
    `<serial type="pty"><log file="${escapeXml(shape.consoleLog)}" append="on"/><target port="0"/></serial>`,
    `<console type="pty"><log file="${escapeXml(shape.consoleLog)}" append="on"/><target type="serial" port="0"/></console>`,
    '<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>',
    '<rng model="virtio"><backend model="random">/dev/urandom</backend></rng>',
    '<memballoon model="virtio" freePageReporting="on"/>',
    '<video><model type="none"/></video>',
    "</devices>",
    "</domain>",
  ];
  return `${lines.filter((line) => line !== "").join("\n")}\n`;
}

/** The seed is a plain virtio disk: every guest kernel that finds its root finds it too. */
export function seedXml(path: string): string {
  return (
    '<disk type="file" device="disk"><driver name="qemu" type="raw"/>' +
    `<source file="${escapeXml(path)}"/><target dev="vdb" bus="virtio"/><readonly/></disk>`
  );
}

/** One adapter for all data disks: it takes one slot however many there are. */
export const scsiXml = '<controller type="scsi" index="0" model="virtio-scsi"/>';

/** The guest knows it by its serial number, which is its name. */
export function dataDiskXml(name: string, path: string, target: string): string {
  return (
    '<disk type="file" device="disk"><driver name="qemu" type="qcow2" discard="unmap"/>' +
    `<source file="${escapeXml(path)}"/><target dev="${target}" bus="scsi"/><serial>${escapeXml(name)}</serial></disk>`
  );
}

/** `sda` and so on. */
export function scsiTarget(index: number): string {
  return `sd${String.fromCharCode("a".charCodeAt(0) + index)}`;
}

export function nicXml({ network, mac }: DomainInputs["nic"]): string {
  return (
    `<interface type="network"><mac address="${escapeXml(mac.toLowerCase())}"/>` +
    `<source network="${escapeXml(network)}"/><model type="virtio"/></interface>`
  );
}

/** An interface without a cable. */
function unpluggedXml(mac: string): string {
  return `<interface type="ethernet"><mac address="${mac}"/><model type="virtio"/><link state="down"/></interface>`;
}

/** What is compared with what is wanted, out of a domain's description. */
export interface LiveShape {
  readonly uuid: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Up to which the two can be raised while it runs. */
  readonly ceiling: Ceiling;
  readonly description?: string;
  /** Paths of its disks, by target. */
  readonly disks: Readonly<Record<string, string>>;
  /** Ethernet addresses of its interfaces, in lower case. */
  readonly macs: readonly string[];
}

/** @throws where it is not a description of a domain */
export function readDomainXml(xml: string): LiveShape {
  const uuid = elementText(xml, "uuid");
  const memoryMiB = mebibytes(xml, "memory");
  const vcpu = /<vcpu([^>]*)>(\d+)<\/vcpu>/.exec(xml);
  if (uuid === undefined || memoryMiB === undefined || vcpu === null) {
    throw new Error("libvirt's description of the domain has no uuid, memory or vcpu");
  }
  const most = Number(vcpu[2]);
  const description = elementText(xml, "description");
  const disks = [...xml.matchAll(/<disk [\s\S]*?<\/disk>/g)].flatMap(([disk]) => {
    const path = attribute(disk, "source", "file");
    const target = attribute(disk, "target", "dev");
    return path === undefined || target === undefined ? [] : [[target, path] as const];
  });
  return {
    uuid,
    cpus: Number(/current=['"](\d+)/.exec(vcpu[1]!)?.[1] ?? most),
    memoryMiB,
    ceiling: { cpus: most, memoryMiB: mebibytes(xml, "maxMemory") ?? memoryMiB },
    ...(description !== undefined && { description }),
    disks: Object.fromEntries(disks),
    macs: [...xml.matchAll(/<mac address=['"]([^'"]*)/g)].map(([, mac]) => mac!.toLowerCase()),
  };
}

function mebibytes(xml: string, element: string): number | undefined {
  const found = new RegExp(`<${element}\\b([^>]*)>(\\d+)</${element}>`).exec(xml);
  if (found === null) return undefined;
  const unit = /unit=['"](\w+)/.exec(found[1]!)?.[1] ?? "KiB";
  const kibibytes = ({ KiB: 1, MiB: 1024, GiB: 1024 ** 2 } as Readonly<Record<string, number>>)[unit];
  if (kibibytes === undefined) throw new Error(`libvirt gives the domain's memory in "${unit}"`);
  return Math.round((Number(found[2]) * kibibytes) / 1024);
}
