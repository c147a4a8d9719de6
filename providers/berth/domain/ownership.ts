import { createHash } from "node:crypto";

const namespace = "urn:berth:machine";

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

/** A volume that a resource makes for itself; see {@link makingVolume} on its name. */
export function ownedVolume(name: string, urn: string): string {
  return `${name}-${ownerOf(urn)}.qcow2`;
}

/** The volume in which a template is made. Its name is the mark, for nothing else tells whose a volume is. */
export function makingVolume(template: string, urn: string): string {
  return `${template}-making-${ownerOf(urn)}.qcow2`;
}
