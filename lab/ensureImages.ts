import { mkdir, readlink, rename, symlink } from "node:fs/promises";
import { join } from "node:path";
import { ensurePackages } from "../toolchain/apt.js";
import type { Log } from "../toolchain/lock.js";
import { debianSources } from "./debianSources.js";
import { guestForms } from "./guestForms.js";
import { guestImage } from "./guestImage.js";
import { labPackages } from "./labPackages.js";

export interface EnsureImagesOptions {
  berthHome: string;
  cacheDir: string;
  log: Log;
  /** Which guest images: "debian-12-docker", "debian-12"; default all. */
  names?: readonly string[];
}

/**
 * Builds the guest images that are missing in the cache, and links each as `<berthHome>/images/<name>`: a folder
 * with image.json (see GuestImageManifest), a disk, a kernel and an initrd.
 */
export async function ensureImages({ berthHome, cacheDir, log, names }: EnsureImagesOptions): Promise<void> {
  const unknown = names?.filter((name) => !guestForms.some((form) => form.name === name)) ?? [];
  if (unknown.length > 0) {
    const known = guestForms.map((form) => form.name).join(", ");
    throw new Error(`No guest image is called ${unknown.join(", ")}; there are ${known}.`);
  }
  await ensurePackages(labPackages, log);
  const sources = await debianSources();
  for (const form of guestForms) {
    if (names === undefined || names.includes(form.name)) {
      const folder = await guestImage(form, { cacheDir, sources, log });
      await link(folder, join(berthHome, "images"), form.name);
    }
  }
}

/** Points the link `<parent>/<name>` to the folder, in one step where it pointed elsewhere. */
async function link(folder: string, parent: string, name: string): Promise<void> {
  await mkdir(parent, { recursive: true });
  const path = join(parent, name);
  if ((await readlink(path).catch(() => "")) !== folder) {
    const temporary = `${path}.${process.pid}`;
    await symlink(folder, temporary);
    await rename(temporary, path);
  }
}
