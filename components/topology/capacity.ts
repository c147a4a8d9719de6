import type { MachineSpec } from "./topology.js";

/** Memory for containers. */
export function usableMemoryBytes(machine: MachineSpec): number {
  return machine.memoryBytes - machine.reserved.memoryBytes;
}

/** CPUs for containers. */
export function usableCpus(machine: MachineSpec): number {
  return machine.cpus - machine.reserved.cpus;
}

/** Disk for what containers write. */
export function usableDiskBytes(machine: MachineSpec): number {
  return machine.diskBytes - machine.reserved.diskBytes;
}
