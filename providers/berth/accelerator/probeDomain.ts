import { escapeXml } from "../../virsh/xml.js";

export type DomainType = "kvm" | "qemu";

export interface ProbeDomain {
  readonly name: string;
  readonly type: DomainType;
  /** As libvirt names it, e.g. `x86_64`. */
  readonly arch: string;
  /** Path on the hypervisor. */
  readonly kernel: string;
}

/** How long the kernel waits after its panic, in seconds. */
export const panicDelaySeconds = 3;

/**
 * A domain that a working kernel ends by itself: without a root file system it panics, waits and reboots, and libvirt
 * destroys what reboots. The wait, which the guest measures with its own timer, tells that from a processor that is
 * reset by its first faults.
 */
export function probeDomainXml({ name, type, arch, kernel }: ProbeDomain): string {
  const machine = arch === "x86_64" ? ' machine="q35"' : "";
  const console = arch === "aarch64" ? "ttyAMA0" : "ttyS0";
  const cpu = type === "kvm" ? '\n  <cpu mode="host-passthrough"/>' : "";
  return `<domain type="${type}">
  <name>${escapeXml(name)}</name>
  <memory unit="MiB">256</memory>
  <vcpu>1</vcpu>${cpu}
  <os>
    <type arch="${escapeXml(arch)}"${machine}>hvm</type>
    <kernel>${escapeXml(kernel)}</kernel>
    <cmdline>panic=${panicDelaySeconds} reboot=t console=${console} quiet</cmdline>
  </os>
  <features><acpi/></features>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>destroy</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <serial type="null"/>
    <memballoon model="none"/>
  </devices>
</domain>
`;
}

/** The hypervisor's own architecture out of `virsh capabilities`. */
export function hostArch(capabilities: string): string {
  const arch = /<host>[\s\S]*?<arch>([^<]+)<\/arch>/.exec(capabilities)?.[1];
  if (!arch) throw new Error("libvirt's capabilities do not name the hypervisor's architecture.");
  return arch;
}
