import { attribute, elementText, escapeXml } from "../../virsh/xml.js";
import type { Consistency, FoundSnapshot } from "./types.js";

const consistencies: readonly string[] = ["memory", "frozen", "off", "crash"];

/** What is kept as a snapshot's description: the user's words, and what it can be relied on for. */
export function describe(description: string, consistency: Consistency): string {
  return `${description.replaceAll(/\s+/g, " ")} [berth: ${consistency}]`.trim();
}

/**
 * What libvirt is told of a snapshot that QEMU took in a running machine's disks: to libvirt it is one of a machine that is off,
 * which is what its disks hold.
 *
 * @param domainXml the machine's persistent description
 */
export function snapshotXml(
  name: string,
  description: string,
  taken: Date,
  disks: { readonly inside: readonly string[]; readonly none: readonly string[] },
  domainXml: string,
): string {
  const one = (target: string, where: string) => `<disk name="${escapeXml(target)}" snapshot="${where}"/>`;
  return [
    "<domainsnapshot>",
    `<name>${escapeXml(name)}</name>`,
    `<description>${escapeXml(description)}</description>`,
    "<state>shutoff</state>",
    `<creationTime>${Math.floor(taken.getTime() / 1000)}</creationTime>`,
    '<memory snapshot="no"/>',
    "<disks>",
    ...disks.inside.map((target) => one(target, "internal")),
    ...disks.none.map((target) => one(target, "no")),
    "</disks>",
    domainXml.replace(/^<\?xml[^>]*\?>\s*/, ""),
    "</domainsnapshot>",
  ].join("\n");
}

/** @param xml what `snapshot-dumpxml` gives */
export function readSnapshotXml(xml: string): FoundSnapshot {
  // The domain's own description is in it, and has a name and a description too.
  const head = xml.replace(/<(domain|inactiveDomain)[\s>][\s\S]*<\/\1>/g, "");
  const text = elementText(head, "description") ?? "";
  const [, mark] = /\[berth: (\w+)\]$/.exec(text) ?? [];
  return {
    name: elementText(head, "name") ?? "",
    description: text.replace(/\s*\[berth: \w+\]$/, ""),
    taken: new Date(Number(elementText(head, "creationTime") ?? 0) * 1000).toISOString(),
    ...(mark !== undefined && consistencies.includes(mark) && { consistency: mark as Consistency }),
    memory: (attribute(head, "memory", "snapshot") ?? "no") !== "no",
  };
}
