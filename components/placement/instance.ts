import { naturalOrder } from "../topology/index.js";
import { draft, type Kind, kindsOf, relate } from "./kinds.js";
import { type Machine, type Problem, replicaKey } from "./problem.js";
import { amounts, resourceCount } from "./resources.js";

/** A problem in numbers: machines and kinds by index, in natural order of names, so that input order means nothing. */
export interface Instance {
  readonly problem: Problem;
  readonly pack: boolean;
  readonly machines: readonly Machine[];
  readonly machineIndex: ReadonlyMap<string, number>;
  /** By machine, then resource; what is reserved is left out. */
  readonly room: Float64Array;
  readonly cost: Float64Array;
  readonly zones: Int32Array;
  readonly zoneCount: number;
  readonly kinds: readonly Kind[];
  readonly items: readonly Item[];
}

/** One replica, or the n-th replicas of a group. */
export interface Item {
  readonly index: number;
  readonly kind: Kind;
  readonly replica: number;
  readonly keys: readonly string[];
  /** The only machine that it may be on: -1 none, -2 one that is not there. */
  readonly pin: number;
  /** By key, the machine where it is today; -1: nowhere. */
  readonly today: readonly number[];
}

/** @throws Error where services of one group differ in replicas, or a name occurs twice. */
export function instanceOf(problem: Problem): Instance {
  const machines = [...problem.machines].sort((one, other) => naturalOrder(one.name, other.name));
  const machineIndex = new Map(machines.map(({ name }, index) => [name, index]));
  const services = [...problem.services].sort((one, other) => naturalOrder(one.name, other.name));
  if (machineIndex.size < machines.length) throw new Error("placement: two machines have one name");
  if (new Set(services.map(({ name }) => name)).size < services.length)
    throw new Error("placement: two services have one name");
  const { zones, zoneCount } = zonesOf(machines);
  const room = new Float64Array(machines.length * resourceCount);
  for (const [index, { capacity, reserved }] of machines.entries()) {
    const kept = amounts(reserved);
    amounts(capacity).forEach((amount, resource) => {
      room[index * resourceCount + resource] = Math.max(0, amount - kept[resource]!);
    });
  }
  const known = new Map<string, Uint8Array>();
  const kinds = kindsOf(services).map((members, index) => draft(members, index, machines, room, known));
  const kindOf = new Map(kinds.flatMap((kind) => kind.services.map(({ name }) => [name, kind])));
  for (const kind of kinds) {
    for (const service of kind.services) relate(kind, service, kindOf);
  }
  const items = itemsOf(problem, kinds, machineIndex);
  const cost = Float64Array.from(machines, ({ cost: price = 0 }) => price);
  const pack = problem.prefer === "pack";
  return { problem, pack, machines, machineIndex, room, cost, zones, zoneCount, kinds, items };
}

function zonesOf(machines: readonly Machine[]): { zones: Int32Array; zoneCount: number } {
  const known = new Map<string, number>();
  let zoneCount = 0;
  const zones = Int32Array.from(machines, ({ zone }) => {
    const found = zone === undefined ? undefined : known.get(zone);
    if (found !== undefined) return found;
    if (zone !== undefined) known.set(zone, zoneCount);
    return zoneCount++;
  });
  return { zones, zoneCount };
}

function itemsOf(
  { today = {} }: Problem,
  kinds: readonly Kind[],
  machineIndex: ReadonlyMap<string, number>,
): Item[] {
  const items: Item[] = [];
  for (const kind of kinds) {
    for (let replica = 1; replica <= kind.replicas; replica++) {
      const keys = kind.services.map(({ name }) => replicaKey(name, replica));
      const before = keys.map((key) => machineIndex.get(today[key] ?? "") ?? -1);
      const pins = new Set<number>();
      for (const [member, { pins: byHand, volume }] of kind.services.entries()) {
        const pin = byHand?.[replica];
        if (pin !== undefined) pins.add(machineIndex.get(pin) ?? -2);
        else if (volume && before[member]! >= 0) pins.add(before[member]!);
      }
      const pin = pins.size === 0 ? -1 : pins.size === 1 ? [...pins][0]! : -2;
      items.push({ index: items.length, kind, replica, keys, pin, today: before });
    }
  }
  return items;
}
