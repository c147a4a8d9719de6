import {
  formatSize,
  type MachineSpec,
  type ServiceSpec,
  usableCpus,
  usableMemoryBytes,
} from "../topology/index.js";

/** A machine while replicas are being placed on it. */
export class Candidate {
  readonly machine: MachineSpec;
  memoryBytes = 0;
  cpus = 0;
  readonly #replicas = new Map<string, number>();

  constructor(machine: MachineSpec) {
    this.machine = machine;
  }

  /** Replicas of a service that are here already. */
  count(service: ServiceSpec): number {
    return this.#replicas.get(service.name) ?? 0;
  }

  add(service: ServiceSpec): void {
    this.#replicas.set(service.name, this.count(service) + 1);
    this.memoryBytes += service.memoryBytes ?? 0;
    this.cpus += service.cpus ?? 0;
  }

  /** Why one more replica of a service can't be here; undefined where it can. */
  objection(service: ServiceSpec): string | undefined {
    if (service.spread === "machine" && this.count(service) > 0) return `has a replica of it already`;
    const freeMemory = usableMemoryBytes(this.machine) - this.memoryBytes;
    if ((service.memoryBytes ?? 0) > freeMemory) return `has ${formatSize(Math.max(0, freeMemory))} free`;
    const freeCpus = usableCpus(this.machine) - this.cpus;
    // Limits such as 0.1 are not exact in binary.
    if ((service.cpus ?? 0) > freeCpus + 1e-9) return `has ${Number(freeCpus.toFixed(2))} CPUs free`;
    return undefined;
  }
}
