import { ensureContainerBase, ensureImages } from "../lab/index.js";
import { ensureToolchain } from "../toolchain/index.js";
import { ensureHost, type Host } from "./host.js";
import type { Project } from "./project.js";
import { say } from "./say.js";
import { writeWrappers } from "./wrappers.js";

export interface Ready {
  readonly host: Host;
  /** Folder with `pulumi` and `berth`. */
  readonly bin: string;
}

/**
 * Brings everything into place that an update needs; what is there already is left alone.
 *
 * @param images guest images that are needed, by name; default: all
 */
export async function setup(project: Project, images?: readonly string[]): Promise<Ready> {
  const places = { berthHome: project.home, cacheDir: project.cache, log: say };
  const toolchain = await ensureToolchain({ projectDir: project.dir, ...places });
  const host = await ensureHost(project);
  await ensureImages({ ...places, ...(images && { names: images }) });
  if (host.lab !== undefined) await ensureContainerBase(host.lab, places);
  return { host, bin: writeWrappers(project, toolchain, host) };
}
