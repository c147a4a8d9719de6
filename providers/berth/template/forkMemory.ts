import { open } from "node:fs/promises";
import { escapeXml } from "../../virsh/xml.js";
import type { NicInputs } from "../domain/types.js";
import { copyWhole } from "./files.js";
import type { TemplateManifest } from "./manifest.js";
import { type Identifiers, replacements } from "./marks.js";
import { headLimit, readHead, withXml } from "./savedImage.js";

/** What a fork has in its template's stead. */
export interface ForkDescription {
  readonly name: string;
  readonly disk: string;
  readonly consoleLog: string;
  /** Its cable is plugged in later. */
  readonly nic: NicInputs;
  readonly kernel?: string;
  readonly initrd?: string;
}

/** Writes a fork's saved file: the template's memory with the fork's description and identifiers in place of its own. */
export async function forkMemory(
  from: string,
  to: string,
  manifest: Pick<TemplateManifest, "marks" | "paths">,
  ids: Identifiers,
  fork: ForkDescription,
): Promise<void> {
  await copyWhole(from, to);
  const file = await open(to, "r+");
  try {
    const head = Buffer.alloc(headLimit);
    const { bytesRead } = await file.read(head, 0, headLimit, 0);
    const bytes = head.subarray(0, bytesRead);
    const xml = forkXml(readHead(bytes).xml, manifest.paths, ids.system, fork);
    const changed = withXml(bytes, xml);
    await file.write(changed, 0, changed.length, 0);
    for (const { at, bytes: id } of replacements(manifest.marks, ids)) await file.write(id, 0, id.length, at);
  } finally {
    await file.close();
  }
}

/** The template's description, whose devices are those that the memory knows, as the fork's. */
export function forkXml(
  xml: string,
  paths: TemplateManifest["paths"],
  uuid: string,
  { name, disk, consoleLog, nic, kernel, initrd }: ForkDescription,
): string {
  const swaps: [string | undefined, string | undefined][] = [
    [paths.disk, disk],
    [paths.consoleLog, consoleLog],
    [paths.kernel, kernel],
    [paths.initrd, initrd],
  ];
  let result = xml
    .replace(/<name>[^<]*<\/name>/, () => `<name>${escapeXml(name)}</name>`)
    .replace(/<uuid>[^<]*<\/uuid>/, `<uuid>${uuid}</uuid>`)
    .replace(/\s*<description>[^<]*<\/description>/, "")
    // libvirt makes up new ones.
    .replace(/<genid>[^<]*<\/genid>/, "<genid/>")
    .replace(/<interface [\s\S]*?<\/interface>/, (old) => interfaceXml(old, nic))
    .replace(/<source mode=['"]bind['"] path=['"][^'"]*['"]\/>/g, "");
  for (const [old, own] of swaps) {
    if (old !== undefined && own !== undefined) result = result.replaceAll(escapeXml(old), escapeXml(own));
  }
  return result;
}

/** The same device in the same place, on a network and with another address; its link is down as it was. */
function interfaceXml(old: string, { network, mac }: NicInputs): string {
  const kept = /<(model|alias|address|link) [^>]*\/>/g;
  return [
    '<interface type="network">',
    `<mac address="${escapeXml(mac.toLowerCase())}"/>`,
    `<source network="${escapeXml(network)}"/>`,
    ...(old.match(kept) ?? []),
    "</interface>",
  ].join("");
}
