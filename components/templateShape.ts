import type { MachineShape } from "./machineTemplate.js";
import { mebibytes } from "./quantity.js";

/** Memory is added to a running machine in steps of this, which is how Linux counts it. */
const stepMiB = 128;
const leastMiB = 1024;

/**
 * The shape of the template that a machine of this shape is forked from. One with room for more is forked from a small one with the same
 * room, which machines of many sizes share, and what it has more is added to the fork; one without from a template of its own shape.
 */
export function templateShape(shape: Required<MachineShape>): Required<MachineShape> {
  const { cpus, maxCpus, memory, maxMemory } = shape;
  return {
    cpus: maxCpus > cpus ? 1 : cpus,
    maxCpus,
    memory: mebibytes(maxMemory) > mebibytes(memory) ? baseMemory(memory, maxMemory) : memory,
    maxMemory,
  };
}

/** The kernel's tables for added memory, a 64th of it, lie in what was there before: a sixteenth of the most is enough for them. */
function baseMemory(memory: string, maxMemory: string): string {
  const own = mebibytes(memory);
  const base = Math.max(leastMiB, 2 ** Math.ceil(Math.log2(mebibytes(maxMemory) / 16)));
  return own >= base && (own - base) % stepMiB === 0 ? `${base}MiB` : memory;
}
