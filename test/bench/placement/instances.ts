import type { Machine, Problem, ServiceRequest } from "../../../components/placement/index.js";

/**
 * Instances by family, from a seed: the same on every machine. All use about nine tenths of what the machines have.
 *
 * - `uniform`: CPU and memory of 3 to 15 % of a machine, independent of each other (as CL_4 of Caprara and Toth, 2001,
 *   with about ten containers a machine).
 * - `correlated`: memory within 2 points of the CPU's share (as their CL_7).
 * - `opposed`: much of the one means little of the other (as their CL_8).
 * - `fleet`: three sizes of machines and six usual sizes of containers by turns, in services of 1 to 12 replicas, a third of
 *   them with no two replicas on one machine and a quarter restricted to machines with SSDs.
 */
export const families = ["uniform", "correlated", "opposed", "fleet"] as const;
export type Family = (typeof families)[number];

const gib = 2 ** 30;

export interface InstanceArgs {
  readonly family: Family;
  readonly machines: number;
  readonly containers: number;
  readonly prefer: "pack" | "balance";
  readonly seed: number;
}

export function instance({ family, machines, containers, prefer, seed }: InstanceArgs): Problem {
  const random = generator(seed);
  if (family === "fleet") return { ...fleet(machines, containers, random), prefer };
  const services = Array.from({ length: containers }, (_, index): ServiceRequest => {
    const cpu = random(30, 150);
    const memory = {
      uniform: () => random(30, 150),
      correlated: () => Math.min(150, Math.max(10, cpu + random(-20, 20))),
      opposed: () => Math.max(10, 180 - cpu + random(-10, 10)),
    }[family]();
    return {
      name: `c-${index + 1}`,
      replicas: 1,
      requests: { cpus: (cpu * 16) / 1000, memoryBytes: memory * 2 ** 26 },
    };
  });
  return {
    machines: Array.from({ length: machines }, (_, index) => standard(`m-${index + 1}`)),
    services,
    prefer,
  };
}

function standard(name: string): Machine {
  return { name, capacity: { cpus: 16, memoryBytes: 1000 * 2 ** 26, diskBytes: 0 } };
}

function fleet(machines: number, containers: number, random: Random): Omit<Problem, "prefer"> {
  const types = [
    { cpus: 8, memoryBytes: 32 * gib, diskBytes: 200 * gib },
    { cpus: 16, memoryBytes: 64 * gib, diskBytes: 400 * gib },
    { cpus: 32, memoryBytes: 128 * gib, diskBytes: 600 * gib },
  ];
  const sizes = [
    { cpus: 0.25, memoryBytes: gib / 2, diskBytes: gib },
    { cpus: 0.5, memoryBytes: gib, diskBytes: gib },
    { cpus: 1, memoryBytes: 4 * gib, diskBytes: 4 * gib },
    { cpus: 2, memoryBytes: 4 * gib, diskBytes: 10 * gib },
    { cpus: 2, memoryBytes: 12 * gib, diskBytes: 10 * gib },
    { cpus: 4, memoryBytes: 16 * gib, diskBytes: 20 * gib },
  ];
  const services: ServiceRequest[] = [];
  for (let left = containers; left > 0; ) {
    const replicas = Math.min(left, random(1, 12), machines);
    left -= replicas;
    const spread = random(1, 3) === 1 && replicas <= machines / 2 ? "machine" : "none";
    services.push({
      name: `s-${services.length + 1}`,
      replicas,
      requests: sizes[services.length % sizes.length]!,
      spread,
      ...(random(1, 4) === 1 && { rules: [{ want: "near", of: { label: "disk", value: "ssd" } }] }),
    });
  }
  return {
    machines: Array.from({ length: machines }, (_, index) => ({
      name: `m-${index + 1}`,
      capacity: types[index % 3]!,
      zone: `z-${(index % 4) + 1}`,
      labels: { disk: index % 2 === 0 ? "ssd" : "hdd" },
    })),
    services,
  };
}

type Random = (least: number, most: number) => number;

/** Whole numbers from a 32-bit generator (mulberry32). */
export function generator(seed: number): Random {
  let state = seed >>> 0;
  return (least, most) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return least + (((mixed ^ (mixed >>> 14)) >>> 0) % (most - least + 1));
  };
}
