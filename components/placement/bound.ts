import { groupBy } from "./groupBy.js";
import type { Instance } from "./instance.js";
import type { Kind } from "./kinds.js";
import { resourceCount } from "./resources.js";

const known = new WeakMap<Instance, number>();

/** The least load that a placement of everything can have: machines in use or the fullest one's share, as preferred. */
export function leastLoad(instance: Instance): number {
  let least = known.get(instance);
  if (least === undefined) {
    least = instance.pack ? leastMachines(instance) : leastFullness(instance);
    known.set(instance, least);
  }
  return least;
}

/** Machines that any placement of everything needs at least: of each part that shares none with another. */
function leastMachines(instance: Instance): number {
  return partsOf(instance).reduce((sum, part) => sum + leastOfPart(instance, part), 0);
}

function leastOfPart({ room, zones }: Instance, { machines, kinds }: Part): number {
  let least = 1;
  for (const direction of directions) {
    const [sizes, rooms] = along(room, machines, kinds, direction);
    least = Math.max(least, byVolume(sizes, rooms), byCount(sizes, rooms));
    if (direction.includes(1)) least = Math.max(least, byLargeItems(sizes, rooms));
  }
  for (const { spread, replicas, eligible } of kinds) {
    const apart =
      spread === "zone" ? new Set(zones.filter((_, machine) => eligible[machine])).size : replicas;
    if (spread !== "none") least = Math.max(least, Math.min(replicas, apart));
    if (spread === "none" && replicas > 1) least = Math.max(least, 1);
  }
  return Math.min(least, machines.length);
}

/** Mixtures of the resources, in twelfths: what fits in each resource fits in every mixture of them. */
const directions = Array.from({ length: 13 }, (_, cpus) =>
  Array.from({ length: 13 - cpus }, (_, memory) => [cpus / 12, memory / 12, (12 - cpus - memory) / 12]),
).flat();

/** Sizes of all items and the machines' room in a mixture of resources, each in shares of the average machine; largest first. */
function along(
  room: Float64Array,
  machines: readonly number[],
  kinds: readonly Kind[],
  direction: readonly number[],
): [sizes: Float64Array, rooms: Float64Array] {
  const supply = [0, 1, 2].map(
    (resource) =>
      machines.reduce((sum, machine) => sum + room[machine * resourceCount + resource]!, 0) / machines.length,
  );
  const mixed = (amounts: Float64Array, from: number) =>
    direction.reduce(
      (sum, part, resource) =>
        part === 0 || supply[resource] === 0
          ? sum
          : sum + (part * amounts[from + resource]!) / supply[resource]!,
      0,
    );
  const sizes = Float64Array.from(
    kinds.flatMap((kind) => Array<number>(kind.replicas).fill(mixed(kind.size, 0))),
  );
  const rooms = Float64Array.from(machines, (machine) => mixed(room, machine * resourceCount));
  return [sizes.sort().reverse(), rooms.sort().reverse()];
}

/** Sums of mixtures are not exact in binary; a bound must never be too high. */
const slack = 1 + 1e-9;

function byVolume(sizes: Float64Array, rooms: Float64Array): number {
  let left = sizes.reduce((sum, size) => sum + size, 0) / slack;
  let count = 0;
  while (left > 0 && count < rooms.length) left -= rooms[count++]!;
  return count;
}

/** As many of the smallest items as the largest machines hold at most. */
function byCount(sizes: Float64Array, rooms: Float64Array): number {
  let most = 0;
  for (let index = sizes.length - 1, sum = 0; index >= 0; index--, most++) {
    sum += sizes[index]!;
    if (sum > rooms[0]! * slack) break;
  }
  return most === 0 ? 0 : Math.ceil(sizes.length / most);
}

/**
 * Martello and Toth's second bound for bin packing, by resource, in machines of the largest size: items above half of
 * it have a machine each; small ones fill what these leave.
 */
function byLargeItems(sizes: Float64Array, rooms: Float64Array): number {
  const most = rooms[0]! * slack;
  if (most === 0 || sizes[0] === 0) return 0;
  const sums = new Float64Array(sizes.length + 1);
  for (const [index, size] of sizes.entries()) sums[index + 1] = sums[index]! + size;
  /** Items of more than `limit`. */
  const above = (limit: number) => {
    let [low, high] = [0, sizes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sizes[middle]! > limit) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const half = above(most / 2);
  let bound = half;
  let previous = -1;
  for (let index = sizes.length - 1; index >= half; index--) {
    const least = sizes[index]!;
    if (least === previous) continue;
    previous = least;
    // Large: nothing of at least `least` fits beside it. Medium: above half. Small: from `least` to half.
    const large = above(most - least);
    const smallEnd = index + 1;
    const small = sums[smallEnd]! - sums[half]!;
    const spare = (half - large) * most - (sums[half]! - sums[large]!);
    bound = Math.max(bound, half + Math.max(0, Math.ceil((small - spare) / most - 1e-9)));
  }
  return bound;
}

/** Sets of machines of which the bound of balance counts what can go nowhere else, at most. */
const mostSets = 32;

/**
 * The fullest machine's share that no placement of everything can be below: what can go to a set of machines only fills these,
 * in steps of the largest amount that all of it is a multiple of, and an item takes its share of the largest machine.
 */
function leastFullness({ kinds, room, machines }: Instance): number {
  const all = new Uint8Array(machines.length).fill(1);
  const sets = new Map<number, Uint8Array>([[digest(all), all]]);
  for (const { eligible } of kinds) if (sets.size < mostSets) sets.set(digest(eligible), eligible);
  let least = 0;
  for (const set of sets.values()) {
    const within = kinds.filter(({ eligible }) => eligible.every((one, machine) => one <= set[machine]!));
    for (let resource = 0; resource < resourceCount; resource++) {
      const sizes = within.map(({ size }) => size[resource]!);
      const demand = within.reduce((sum, { replicas }, index) => sum + sizes[index]! * replicas, 0);
      if (demand === 0) continue;
      const rooms = machines.flatMap((_, machine) =>
        set[machine] === 1 ? [room[machine * resourceCount + resource]!] : [],
      );
      const largest = Math.max(...rooms);
      if (largest === 0) continue;
      least = Math.max(least, Math.max(...sizes) / largest);
      least = leastShare(rooms, demand, sizes.reduce(divisor, 0), least);
    }
  }
  return least;
}

/** Two sets of one digest count as one, which makes the bound lower, not wrong. */
function digest(set: Uint8Array): number {
  return set.reduce((sum, one) => (Math.imul(sum, 31) + one + 1) | 0, 0);
}

/** The least share, from `least` on, at which machines filled in whole steps hold the demand. */
function leastShare(rooms: readonly number[], demand: number, step: number, least: number): number {
  const held = (share: number) =>
    rooms.reduce((sum, room) => sum + Math.floor((share * room) / step + 1e-9) * step, 0);
  if (held(least) >= demand || held(1) < demand) return held(1) < demand ? Math.max(least, 1) : least;
  let [low, high] = [least, 1];
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    if (held(middle) >= demand) high = middle;
    else low = middle;
  }
  return low;
}

/** The largest number that both are multiples of. */
function divisor(one: number, other: number): number {
  return other === 0 ? one : divisor(other, one % other);
}

/** Machines and kinds that have nothing to do with those of another part: no kind may be on machines of both. */
interface Part {
  readonly machines: readonly number[];
  readonly kinds: readonly Kind[];
}

function partsOf({ machines, kinds }: Instance): Part[] {
  const part = machines.map((_, machine) => machine);
  const rootOf = (machine: number): number => {
    let root = machine;
    while (part[root] !== root) root = part[root]!;
    part[machine] = root;
    return root;
  };
  const placed = kinds.filter(({ eligibleCount, replicas }) => eligibleCount > 0 && replicas > 0);
  for (const { eligible } of placed) {
    const first = rootOf(eligible.indexOf(1));
    eligible.forEach((may, machine) => {
      if (may === 1) part[rootOf(machine)] = first;
    });
  }
  const byRoot = groupBy(placed, ({ eligible }) => rootOf(eligible.indexOf(1)));
  return [...byRoot].map(([root, mine]) => ({
    machines: [...machines.keys()].filter((machine) => rootOf(machine) === root),
    kinds: mine,
  }));
}
