import type { MachineSpec } from "./topology.js";

/** What a machine's system and its Docker Engine take for themselves, and containers with a limit are not given. */
const reservedMemoryBytes = 256 * 2 ** 20;

/** Memory for the limits of containers. */
export function usableMemoryBytes(machine: MachineSpec): number {
  return machine.memoryBytes - reservedMemoryBytes;
}

/** CPUs for the limits of containers. */
export function usableCpus(machine: MachineSpec): number {
  return machine.cpus;
}
