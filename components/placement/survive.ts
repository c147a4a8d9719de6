import { naturalOrder } from "../topology/index.js";
import { balanced, type Choose, construct, hardestFirst } from "./construct.js";
import { type Item, instanceOf } from "./instance.js";
import { type Assignment, type Problem, replicaKey } from "./problem.js";
import { resourceCount } from "./resources.js";
import { solve } from "./solve.js";
import { State } from "./state.js";

/** What becomes of a placement when one machine dies. */
export interface Verdict {
  readonly machine: string;
  /** Replicas that were there. */
  readonly lost: readonly string[];
  /** Services of which no replica is left until they are placed again, in natural order. */
  readonly down: readonly string[];
  /** Replicas that then have no place on the other machines; none: everything fits again. */
  readonly homeless: readonly string[];
  /** Replicas of other machines that move to make room; none where the installation is too large to look for such moves. */
  readonly moved?: number;
}

/** Replicas times machines up to which others are moved to make room. */
const movable = 100_000;

/** The verdict for the loss of each machine, one at a time (N−1); a hypervisor's takes its machines with it. What was held by data or a pin there has no place. */
export function survive(problem: Problem, assignment: Assignment): Verdict[] {
  const instance = instanceOf({ ...problem, today: assignment });
  const state = new State(instance);
  for (const item of instance.items) {
    const machine = instance.machineIndex.get(assignment[item.keys[0]!] ?? "");
    if (machine !== undefined) state.put(item, machine);
  }
  const small = instance.items.length * instance.machines.length <= movable;
  const [choose, order] = [balanced(instance), hardestFirst(instance)];
  const nowhere = instance.items.flatMap(({ keys }) => keys.filter((key) => assignment[key] === undefined));
  return instance.machines.map(({ name: machine }) => {
    const gone = instance.machines.flatMap((one, index) =>
      one.name === machine || one.host === machine ? [index] : [],
    );
    const items = gone.flatMap((index) => [...state.here[index]!]);
    const lost = items.flatMap(({ keys }) => keys).sort(naturalOrder);
    const down = downWithout(items, assignment, lost);
    const left = leftWithout(state, gone, [...items].sort(order), choose);
    if (left.length === 0 && nowhere.length === 0) return { machine, lost, down, homeless: [], moved: 0 };
    if (small) return { machine, lost, down, ...placedAnew(problem, assignment, gone, lost) };
    return { machine, lost, down, homeless: [...left, ...nowhere].sort(naturalOrder) };
  });
}

/** Services that had replicas and have none left, in natural order. */
function downWithout(items: readonly Item[], assignment: Assignment, lost: readonly string[]): string[] {
  const gone = new Set(lost);
  return [...new Set(items.flatMap(({ kind }) => kind.services))]
    .filter(({ name, replicas, warm = 0 }) =>
      Array.from({ length: replicas - warm }, (_, index) => replicaKey(name, index + 1)).every(
        (key) => gone.has(key) || assignment[key] === undefined,
      ),
    )
    .map(({ name }) => name)
    .sort(naturalOrder);
}

/** Keys of those that find no place elsewhere as long as nothing else moves; the state is as before. */
function leftWithout(
  state: State,
  gone: readonly number[],
  items: readonly Item[],
  choose: Choose,
): string[] {
  const from = items.map((item) => state.take(item));
  const room = gone.flatMap((machine) => [0, 1, 2].map((resource) => machine * resourceCount + resource));
  const free = room.map((at) => state.free[at]!);
  for (const at of room) state.free[at] = -1;
  const left = construct(state, items, choose).flatMap(({ keys }) => keys);
  for (const item of items) if (state.at[item.index]! >= 0) state.take(item);
  room.forEach((at, index) => {
    state.free[at] = free[index]!;
  });
  items.forEach((item, index) => {
    state.put(item, from[index]!);
  });
  // What others must be near to may have been lost with it: that takes a closer look.
  const torn = items.some(({ kind }) => kind.nearMe.length > 0);
  return torn && left.length === 0 ? items.flatMap(({ keys }) => keys) : left;
}

function placedAnew(
  problem: Problem,
  assignment: Assignment,
  gone: readonly number[],
  lost: readonly string[],
): Pick<Verdict, "homeless" | "moved"> {
  const ordered = [...problem.machines].sort((one, other) => naturalOrder(one.name, other.name));
  const names = gone.map((index) => ordered[index]!.name);
  const today = Object.fromEntries(Object.entries(assignment).filter(([, at]) => !names.includes(at)));
  const services = pinnedToLost(problem, lost, assignment);
  const machines = ordered.filter(({ name }) => !names.includes(name));
  const again = solve({ ...problem, machines, services, today }, { search: 5_000 });
  const homeless = problem.services
    .flatMap(({ name, replicas }) =>
      Array.from({ length: replicas }, (_, index) => replicaKey(name, index + 1)),
    )
    .filter((key) => again.assignment[key] === undefined);
  return { homeless, moved: again.measures.moves };
}

/** Lost replicas whose data was on a machine are pinned to it, so that they count as having no place. */
function pinnedToLost(
  { services }: Problem,
  lost: readonly string[],
  assignment: Assignment,
): Problem["services"] {
  return services.map((service) => {
    if (!service.volume) return service;
    const gone = Array.from({ length: service.replicas }, (_, index) => index + 1)
      .filter((replica) => lost.includes(replicaKey(service.name, replica)))
      .map((replica) => [replica, assignment[replicaKey(service.name, replica)]!] as const);
    return { ...service, pins: { ...service.pins, ...Object.fromEntries(gone) } };
  });
}

const mostListed = 8;

function listed(keys: readonly string[]): string {
  const more = keys.length - mostListed;
  return more <= 0 ? keys.join(", ") : `${keys.slice(0, mostListed).join(", ")} and ${more} more`;
}

/** What a machine's loss means, in words that don't name it: the same for machines whose loss means the same. */
export function verdictText({ lost, down, homeless, moved }: Verdict): string {
  const services =
    down.length === 0
      ? "all services keep a replica"
      : `${down.length === 1 ? "service" : "services"} ${down.join(", ")} ${down.length === 1 ? "is" : "are"} down until placed again`;
  const fit =
    lost.length === 0
      ? "nothing runs there"
      : homeless.length > 0
        ? `no place for ${listed(homeless)} ${moved === undefined ? "unless others move" : "until it is back"}`
        : `everything fits again${(moved ?? 0) === 0 ? "" : ` when ${moved} ${moved === 1 ? "replica moves" : "replicas move"}`}`;
  return `${services}; ${fit}`;
}
