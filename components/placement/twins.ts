import type { Instance } from "./instance.js";
import { resourceCount } from "./resources.js";

/** By machine: the one before it that is alike in all that counts, or -1. */
export function twinsOf({ machines, kinds, items, room, cost, zones }: Instance): Int32Array {
  const named = new Set(items.flatMap(({ pin, today }) => [pin, ...today]));
  const inZone = zones.reduce(
    (counts, zone) => counts.set(zone, (counts.get(zone) ?? 0) + 1),
    new Map<number, number>(),
  );
  const last = new Map<string, number>();
  return Int32Array.from(machines, ({ ports = [] }, machine) => {
    if (named.has(machine)) return -1;
    const parts = [
      ...room.subarray(machine * resourceCount, (machine + 1) * resourceCount),
      cost[machine],
      // A zone of its own is like any other.
      inZone.get(zones[machine]!) === 1 ? "alone" : zones[machine],
      ...ports,
      ...kinds.map(({ eligible, regrets }) => `${eligible[machine]}${regrets?.[machine] ?? ""}`),
    ];
    const key = parts.join();
    const before = last.get(key) ?? -1;
    last.set(key, machine);
    return before;
  });
}
