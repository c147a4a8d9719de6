import { formatSize } from "../topology/index.js";
import type { Placement, Usage } from "./placement.js";

/** A placement for people: each machine with what is on it and what is left, then each replica with its reason. */
export function explain(placement: Placement): string[] {
  return [
    ...placement.machines.map(({ machine, replicas, memoryBytes, cpus }) => {
      const list = replicas.length === 0 ? "nothing" : replicas.join(", ");
      return `${machine}: ${list}; memory ${usage(memoryBytes, formatSize)}, CPUs ${usage(cpus, decimal)}`;
    }),
    ...placement.replicas.map(
      ({ key, machine, address, port, reason }) => `${key} → ${machine} (${address}:${port}): ${reason}`,
    ),
  ];
}

function usage({ total, used }: Usage, format: (amount: number) => string): string {
  return `${format(used)} of ${format(total)} reserved`;
}

function decimal(amount: number): string {
  return String(Number(amount.toFixed(2)));
}
