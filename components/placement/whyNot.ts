import { formatSize } from "../topology/index.js";
import { type Item, instanceOf } from "./instance.js";
import { type Problem, replicaKey } from "./problem.js";
import { resourceCount } from "./resources.js";
import type { Solution } from "./solve.js";
import { State } from "./state.js";
import { whatWouldHelp } from "./whatWouldHelp.js";

/** Why not every replica has a place: the first that has none, what each machine says to it, and what would help. */
export function whyNot(problem: Problem, { assignment, unplaced }: Solution): string {
  const instance = instanceOf(problem);
  const state = new State(instance);
  for (const item of instance.items) {
    const machine = instance.machineIndex.get(assignment[item.keys[0]!] ?? "");
    if (machine !== undefined) state.put(item, machine);
  }
  const item = instance.items.find(({ keys }) => keys.includes(unplaced[0]!))!;
  const service = item.kind.services.find(({ name }) => replicaKey(name, item.replica) === unplaced[0])!;
  const { cpus, memoryBytes, diskBytes } = service.requests ?? {};
  const needs = [
    ...(memoryBytes ? [formatSize(memoryBytes)] : []),
    ...(cpus ? [`${cpus} CPUs`] : []),
    ...(diskBytes ? [`${formatSize(diskBytes)} of disk`] : []),
  ];
  const place = service.form === "machine" ? "a hypervisor" : "a machine";
  const need = needs.length === 0 ? place : `${place} with ${needs.join(" and ")} free`;
  const why = instance.machines
    .map((machine, index) => ({ name: machine.name, why: objection(state, item, index) }))
    .filter((one): one is { name: string; why: string } => one.why !== undefined)
    .map((one) => `${one.name} ${one.why}`);
  const more =
    unplaced.length === 1 ? "" : ` ${unplaced.length} replicas have no place: ${listed(unplaced)}.`;
  const help = whatWouldHelp(problem).map(({ text }) => text);
  return [
    `service "${service.name}": replica ${item.replica} of ${service.replicas} needs ${need}: ${why.length === 0 ? "no machine may run it" : why.join(", ")}.`,
    more,
    service.form === "machine"
      ? ' Add a hypervisor, or raise "capacity", or lower "replicas" or the size.'
      : ' Add a machine or memory, or lower "replicas" or the limits.',
    help.length === 0 ? "" : ` Any one of these would do: ${help.join("; ")}.`,
  ].join("");
}

function listed(keys: readonly string[]): string {
  return keys.length <= 6 ? keys.join(", ") : `${keys.slice(0, 5).join(", ")} and ${keys.length - 5} more`;
}

/** Undefined where the machine is none that the service may run on by its configuration: that goes without saying. */
function objection(state: State, item: Item, machine: number): string | undefined {
  const { kind, pin } = item;
  const service = kind.services[0]!;
  const { name } = state.instance.machines[machine]!;
  if (service.machines && !service.machines.includes(name)) return undefined;
  if ((service.form ?? "container") !== (state.instance.machines[machine]!.runs ?? "container"))
    return undefined;
  const objection = state.objection(item, machine);
  const free = [0, 1, 2].map((resource) => state.free[machine * resourceCount + resource]!);
  switch (objection) {
    case "pinned elsewhere":
      return pin < 0
        ? "is not what it is pinned to"
        : `is not ${state.instance.machines[pin]!.name}, where it must stay`;
    case "spread":
      return kind.spread === "zone"
        ? "has a replica of it in its zone already"
        : "has a replica of it already";
    case "apart":
      return "has what it must be apart from";
    case "near":
      return "has nothing of what it must be near to";
    case "port":
      return "has its port taken";
    case "not eligible":
    case "no room": {
      if (kind.size[1]! > free[1]!) return `has ${formatSize(Math.max(0, free[1]!))} free`;
      if (kind.size[0]! > free[0]!) return `has ${free[0]! / 1000} CPUs free`;
      if (kind.size[2]! > free[2]!) return `has ${formatSize(Math.max(0, free[2]!))} of disk free`;
      return "is against its rules";
    }
    default:
      return "has room, but not together with the others of its group or what it must be near to";
  }
}
