import { type Change, type ChangeKind, inputChanges } from "../../kit/index.js";
import type { DomainInputs, DomainState } from "./types.js";

/** What a machine is made with, and what only says how: a change of the latter alone is nothing to do. */
const replacing = /^(uri|name|type|machine|root\.(pool|name|base)|nic(\..*)?|identity\.(?!firstBoot).*)$/;
const madeWith = /^(template|reason|requireFork|newSeed|residents|identity)([.[]|$)/;
/** What a running guest takes over at its next start only. */
const restarting = /^(boot|firmware|consoleLog)([.[]|$)/;

/** Added memory comes in blocks of this size, which is how Linux counts it on x86-64. */
const memoryBlockMiB = 128;

/** What a change does to a machine. */
export interface Effect {
  readonly kind: "nothing" | "in place" | "restart" | "replace";
  /** What makes it a restart or a replacement, e.g. `memory 1024 → 2048 MiB`. */
  readonly because: readonly string[];
  readonly changes: readonly Change[];
}

/** Inputs may hold unknown values. */
export function changeEffect(
  state: Pick<DomainState, "power" | "ceiling" | "firstSeed">,
  oldInputs: DomainInputs,
  inputs: DomainInputs,
): Effect {
  const replaces = (path: string) =>
    replacing.test(path) || (path === "seed" && inputs.newSeed === "replace");
  const changes = inputChanges({ ...oldInputs, ...seedInForce(state, inputs) }, inputs, [])
    .filter(({ path }) => replaces(path) || !madeWith.test(path))
    .map((change) =>
      replaces(change.path) ? { ...change, kind: `${change.kind}-replace` as ChangeKind } : change,
    );
  const names = (which: (path: string) => boolean) => [
    ...new Set(changes.filter(({ path }) => which(path)).map(({ path }) => path.split(/[.[]/)[0]!)),
  ];
  const because = names(replaces);
  if (because.length > 0) return { kind: "replace", because, changes };
  const stays = state.power === "running" && inputs.power === "running";
  const needs = [
    ...names((path) => restarting.test(path)),
    ...(stays && fits(state, oldInputs, inputs) ? [] : shapeChanges(oldInputs, inputs)),
  ];
  // One that is off, or goes off, boots with what it is given.
  const isOn = state.power === "running" || state.power === "paused";
  if (needs.length > 0 && isOn && inputs.power !== "stopped")
    return { kind: "restart", because: needs, changes };
  return { kind: changes.length > 0 ? "in place" : "nothing", because: [], changes };
}

/** A seed that came in an update before is not the one that the machine has read. */
function seedInForce(
  { firstSeed }: Pick<DomainState, "firstSeed">,
  { newSeed }: DomainInputs,
): { seed?: string } {
  return newSeed === "replace" && firstSeed !== undefined ? { seed: firstSeed } : {};
}

/** Whether the machine takes its new memory and processors over while it runs. */
function fits(
  { ceiling }: Pick<DomainState, "ceiling">,
  { memoryMiB: before, cpus: had }: DomainInputs,
  { memoryMiB, cpus }: DomainInputs,
): boolean {
  if (memoryMiB === before && cpus === had) return true;
  if (ceiling === undefined) return false;
  const added = memoryMiB - before;
  return (
    memoryMiB <= ceiling.memoryMiB && cpus <= ceiling.cpus && (added <= 0 || added % memoryBlockMiB === 0)
  );
}

function shapeChanges(old: DomainInputs, { memoryMiB, cpus }: DomainInputs): string[] {
  return [
    ...(memoryMiB === old.memoryMiB ? [] : [`memory ${old.memoryMiB} → ${memoryMiB} MiB`]),
    ...(cpus === old.cpus ? [] : [`cpus ${old.cpus} → ${cpus}`]),
  ];
}
