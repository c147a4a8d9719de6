import type { ContainerInputs } from "./types.js";

/** What older engines do not know, and leave out without a word. */
interface Newer {
  readonly property: string;
  /** The first minor version of the Engine API that has it. */
  readonly api: number;
}

/** The release of Docker Engine that an API version came with. */
const releases: Readonly<Record<number, string>> = { 44: "25.0", 45: "26.0", 48: "28.0" };

/**
 * @param api the minor version of the Engine API that is spoken with the engine
 * @throws where the inputs ask for what the engine does not know, naming all of it and what it needs
 */
export function checkEngine(inputs: ContainerInputs, api: number): void {
  const lines = newerArguments(inputs)
    .filter((it) => it.api > api)
    .map((it) => `${it.property} needs Docker Engine ${releases[it.api]} (API 1.${it.api})`);
  if (lines.length === 0) return;
  throw new Error(`${lines.join("; ")}; this engine's API is 1.${api}. Upgrade it, or leave that out.`);
}

function newerArguments({ healthcheck, mounts = [], networksAdvanced = [] }: ContainerInputs): Newer[] {
  const found: Newer[] = [];
  if (healthcheck?.startInterval) found.push({ property: "healthcheck.startInterval", api: 44 });
  for (const [i, { volumeOptions }] of mounts.entries()) {
    if (volumeOptions?.subpath) found.push({ property: `mounts[${i}].volumeOptions.subpath`, api: 45 });
  }
  for (const [i, { macAddress, gwPriority }] of networksAdvanced.entries()) {
    // Older engines take one for the whole container, which is then that in its first network.
    if (macAddress && i > 0) found.push({ property: `networksAdvanced[${i}].macAddress`, api: 44 });
    if (gwPriority) found.push({ property: `networksAdvanced[${i}].gwPriority`, api: 48 });
  }
  return found;
}
