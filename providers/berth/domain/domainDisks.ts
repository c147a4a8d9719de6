import { attribute, elementText } from "../../virsh/xml.js";

/** A disk of a domain, as its description says. */
export interface DomainDisk {
  /** As the guest's driver may name it: `vda`. */
  readonly target: string;
  /** Path of its file or device on the hypervisor. */
  readonly path: string;
  /** `qcow2`, `raw`. */
  readonly format: string;
  readonly readOnly: boolean;
  /** What QEMU calls the device, in a running machine. */
  readonly alias?: string;
}

/** The disks in a domain's description, empty drives left out, in its order. */
export function domainDisks(xml: string): DomainDisk[] {
  return [...xml.matchAll(/<disk [\s\S]*?<\/disk>/g)].flatMap(([whole]) => {
    // What it is a clone of, and that of, have a source and a format too.
    const text = whole.replace(/<backingStore[\s>][\s\S]*<\/backingStore>/, "");
    const path = attribute(text, "source", "file") ?? attribute(text, "source", "dev");
    const target = attribute(text, "target", "dev");
    if (path === undefined || target === undefined) return [];
    const alias = attribute(text, "alias", "name");
    return [
      {
        target,
        path,
        format: attribute(text, "driver", "type") ?? "raw",
        readOnly: /<readonly\s*\/>/.test(text),
        ...(alias !== undefined && { alias }),
      },
    ];
  });
}

/** What a domain writes to. @throws where one of them is in a format that keeps no snapshots, with its name */
export function snapshotDisks(xml: string): DomainDisk[] {
  const written = domainDisks(xml).filter(({ readOnly }) => !readOnly);
  const other = written.find(({ format }) => format !== "qcow2");
  if (other !== undefined) {
    throw new Error(
      `its disk ${other.target} (${other.path}) is ${other.format}, and only qcow2 keeps snapshots. Use "berth backup" for this machine.`,
    );
  }
  if (written.length === 0) {
    throw new Error(`${elementText(xml, "name") ?? "it"} has no disk that it writes to.`);
  }
  return written;
}
