import { inDependencyOrder, inTurn } from "./construct.js";
import type { Instance, Item } from "./instance.js";
import type { Assignment } from "./problem.js";
import { resourceCount } from "./resources.js";
import { type Objection, State } from "./state.js";

/**
 * Why each placed replica is where it is, in words; of one that moves, first why it leaves.
 *
 * @param moves what is to move whatever else is done, by key. Default: nothing.
 */
export function reasons(
  instance: Instance,
  assignment: Assignment,
  moves: Assignment = {},
): ReadonlyMap<string, string> {
  const state = new State(instance);
  const whole = new State(instance);
  const why = new Map<string, string>();
  const items = inDependencyOrder([...instance.items].sort(inTurn));
  const at = (item: Item) => instance.machineIndex.get(assignment[item.keys[0]!] ?? "");
  for (const item of items) {
    const machine = at(item);
    if (machine !== undefined) whole.put(item, machine);
  }
  // As if they were placed one after the other, so that each has those before it to compare with.
  for (const item of items) {
    const machine = at(item);
    if (machine === undefined) continue;
    for (const [member, key] of item.keys.entries()) {
      const before = item.today[member]!;
      if (before === machine) {
        why.set(key, staysBecause(item, machine));
      } else if (moves[key] === assignment[key]) {
        why.set(key, "a step of the rebalancing");
      } else {
        const place = comesBecause(state, item, machine);
        const from = leftBecause(whole, item, before, instance.problem.today?.[key]);
        why.set(key, from === undefined ? place : `${from}; ${place}`);
      }
    }
    state.put(item, machine);
  }
  return why;
}

function staysBecause({ kind, pin, replica }: Item, machine: number): string {
  if (pin !== machine) return "it is there today";
  return kind.services.some(({ pins }) => pins?.[replica] !== undefined)
    ? "pinned by hand"
    : "its data is there";
}

/** Undefined where it was nowhere, or where it comes to says it. */
function leftBecause(
  whole: State,
  item: Item,
  before: number,
  today: string | undefined,
): string | undefined {
  if (today === undefined) return undefined;
  if (before < 0) return `${today} is not in use any more`;
  const here = whole.take(item);
  const objection = whole.objection(item, before);
  whole.put(item, here);
  // The pin says it all.
  if (objection === "pinned elsewhere") return undefined;
  if (objection === "not eligible") return `${today} ${notEligible(whole.instance, item, before)}`;
  return `${today} ${objection === undefined ? "can't keep it with all that comes" : objections[objection]}`;
}

function notEligible({ machines, room }: Instance, { kind }: Item, at: number): string {
  const { drain, taints = [] } = machines[at]!;
  if (drain) return "is drained";
  if (kind.size.some((size, resource) => size > room[at * resourceCount + resource]!))
    return "is too small for it";
  const foreign = taints.filter((taint) =>
    kind.services.some(({ tolerates }) => !tolerates?.includes(taint)),
  );
  if (foreign.length > 0) return `has the taint ${foreign.join(" and ")}, which it does not tolerate`;
  return "may not run it any more";
}

const objections: Readonly<Record<Exclude<Objection, "not eligible">, string>> = {
  "pinned elsewhere": "is not what it is pinned to",
  "no room": "has no room left for it",
  spread: "has another replica of it",
  apart: "has what it must be apart from",
  port: "has its port taken",
  near: "has nothing of what it must be near to",
};

function comesBecause(state: State, item: Item, machine: number): string {
  const { machines } = state.instance;
  const { kind, pin } = item;
  if (pin >= 0) return "pinned by hand";
  const all = [...machines.keys()].filter((one) => kind.eligible[one] === 1);
  if (all.length === 1) return "the only machine that it may run on";
  const fitting = all.filter((one) => state.objection(item, one) === undefined);
  if (fitting.length === 1 && fitting[0] === machine) return "the only machine left with room";
  const count = state.count(kind, machine);
  const text = `${count === 0 ? "no replica" : count === 1 ? "1 replica" : `${count} replicas`} of "${kind.services[0]!.name}" before it`;
  const fewest = fitting.every((one) => state.count(kind, one) >= count);
  return `${text}, ${fewest ? "the fewest of" : "one of"} ${fitting.length} machines with room`;
}
