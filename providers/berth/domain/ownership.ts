import { createHash } from "node:crypto";

const namespace = "urn:berth:machine";
/** libvirt keeps one element of a namespace. */
const moveNamespace = "urn:berth:move";

/** Names a resource of a checkout: the same for each try of the same resource, another one in another checkout. */
function ownerOf(urn: string): string {
  const seed = [urn, process.env["BERTH_HOME"] ?? process.cwd()].join("\n");
  return createHash("sha256").update(seed).digest("hex").slice(0, 24);
}

/** Marks a domain as a resource's own. */
export function ownerMark(urn: string): string {
  return `<metadata><berth:machine xmlns:berth="${namespace}" owner="${ownerOf(urn)}"/></metadata>`;
}

/** Whether a domain's description carries the mark. */
export function isOwn(xml: string, urn: string): boolean {
  return xml.includes(namespace) && new RegExp(`owner=['"]${ownerOf(urn)}['"]`).test(xml);
}

/** Whether two descriptions carry the mark of the same resource. */
export function sameOwner(one: string, other: string): boolean {
  const [owner, its] = [one, other].map((xml) => /<berth:machine [^>]*owner=['"](\w+)['"]/.exec(xml)?.[1]);
  return owner !== undefined && owner === its;
}

/**
 * Adds to a domain's metadata that it came, or is on its way, from another hypervisor; gone with the next update of the machine.
 *
 * @param whole all of its disks are there
 */
export function moveMark(metadata: string, whole: boolean): string {
  const mark = `<berth:move xmlns:berth="${moveNamespace}" whole="${whole ? "yes" : "no"}"/>`;
  return metadata.replace("</metadata>", `${mark}</metadata>`);
}

/** Whether a domain is on its way from another hypervisor, or has come from there and no update knows of it yet. */
export function moveOf(xml: string): "none" | "on its way" | "arrived" {
  if (!xml.includes(moveNamespace)) return "none";
  return /whole=['"]yes['"]/.test(xml) ? "arrived" : "on its way";
}

/** A volume that a resource makes for itself; see {@link makingVolume} on its name. */
export function ownedVolume(name: string, urn: string): string {
  return `${name}-${ownerOf(urn)}.qcow2`;
}

/** The volume in which a template is made. Its name is the mark, for nothing else tells whose a volume is. */
export function makingVolume(template: string, urn: string): string {
  return `${template}-making-${ownerOf(urn)}.qcow2`;
}
