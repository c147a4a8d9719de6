import { isDeepStrictEqual } from "node:util";
import type { Call, Live } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { ifExists } from "../engine/engineError.js";
import { argumentEntries } from "./containerArguments.js";
import { type ContainerState, containerState, nameOf, observe, refreshedState } from "./containerState.js";
import type { ContainerInputs, ImageConfig, Inspect } from "./types.js";

type Found = Live<ContainerInputs, ContainerState>;

/** The container as it is: with what drifted in its inputs, or, on an import, with inputs made from it. */
export async function readContainer(
  id: string,
  state: ContainerState | undefined,
  inputs: ContainerInputs | undefined,
  { config: { engine }, signal }: Call<Configuration>,
): Promise<Found | undefined> {
  const live = await ifExists(
    engine.call<Inspect>("GET", `/containers/${encodeURIComponent(id)}/json`, { signal }),
  );
  // A container that is being removed answers for a while longer.
  if (!live || live.State.Status === "removing" || live.State.Dead) return undefined;
  if (state && inputs) return drifted(live, state, inputs);
  const image = await ifExists(
    engine.call<{ Config?: ImageConfig }>("GET", `/images/${encodeURIComponent(live.Image)}/json`, {
      signal,
    }),
  );
  const imported = importedInputs(live, image?.Config ?? {});
  return { id: live.Id, inputs: imported, state: containerState(imported, live) };
}

/**
 * What can change in a living container is compared with what this plugin saw when it last touched it, so that values
 * which Docker writes in its own way are never taken for drift.
 */
function drifted(live: Inspect, state: ContainerState, inputs: ContainerInputs): Found {
  const before = declaredInputs(state, inputs);
  const now: Record<string, unknown> = { ...before };
  const values = observe(live);
  for (const name of new Set([...Object.keys(values), ...Object.keys(state.observed ?? {})])) {
    if (!isDeepStrictEqual(values[name], state.observed?.[name])) now[name] = values[name];
  }
  if (shouldRun(before as ContainerInputs) && !runs(live)) now["mustRun"] = false;
  return asDrift(live.Id, refreshedState(state, live), before, now);
}

/** A container of a machine that is off: nothing of it runs, and a machine that starts may start it, or not. */
export function stopped({ id, state, inputs }: Found): Found {
  const before = declaredInputs(state, inputs);
  if (!shouldRun(before as ContainerInputs)) return { id, state, inputs };
  return asDrift(id, state, before, { ...before, ...inputs, mustRun: false });
}

/** The inputs that the program gave last, whatever drift has put in their place since. */
function declaredInputs(state: ContainerState, inputs: ContainerInputs): Record<string, unknown> {
  return { ...inputs, ...asInputs(state.declared) };
}

function asDrift(
  id: string,
  state: ContainerState,
  before: Record<string, unknown>,
  now: Record<string, unknown>,
): Found {
  const names = Object.keys({ ...before, ...now }).filter(
    (name) => !isDeepStrictEqual(before[name], now[name]),
  );
  // null stands for "was not given", which JSON can't say otherwise.
  const declared = Object.fromEntries(names.map((name) => [name, before[name] ?? unset]));
  const { declared: _, ...rest } = state;
  return {
    id,
    inputs: withoutUnset(now) as ContainerInputs,
    state: { ...rest, ...(names.length > 0 && { declared }) } as ContainerState,
  };
}

const unset = { unset: true };

function asInputs(declared: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const entries = Object.entries(declared ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, isDeepStrictEqual(value, unset) ? undefined : value]),
  );
}

function withoutUnset(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** A container that runs to its end, or is not started, may be found stopped. */
export function shouldRun(inputs: ContainerInputs): boolean {
  return (inputs.mustRun ?? true) && (inputs.start ?? true) && !inputs.attach && !inputs.rm;
}

/** One that Docker itself is about to start again is not stopped by anybody. */
export function runs(live: Inspect): boolean {
  return live.State.Running || live.State.Restarting;
}

/** Inputs that would describe the container; defaults and what the image brings are left out. */
function importedInputs(live: Inspect, image: ImageConfig): ContainerInputs {
  const found = argumentEntries.map(([name, argument]) => [name, argument.read?.(live, image)] as const);
  const inputs = withoutUnset(Object.fromEntries(found)) as ContainerInputs;
  return { ...inputs, name: nameOf(live) };
}
