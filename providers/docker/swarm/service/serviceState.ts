import { isDeepStrictEqual } from "node:util";
import type { Live } from "../../../kit/index.js";
import { labelList } from "../../plain.js";
import { describedBy } from "./spec.js";
import type { EngineService, ServiceInputs } from "./types.js";

export interface ServiceState extends Record<string, unknown> {
  readonly name: string;
  /** What the engine had when this plugin last set it, to compare with on a refresh. A secret, for the environment is in it. */
  readonly observed: object;
  /** The inputs as the program had them, where others have changed the service since. Absent without drift. */
  readonly declared?: ServiceInputs;
}

export function serviceState(inputs: ServiceInputs, live: EngineService): ServiceState {
  const { Spec } = live;
  const { Replicated } = Spec["Mode"] as { Replicated?: { Replicas: number } };
  return {
    ...inputs,
    name: Spec.Name,
    labels: labelList(Spec.Labels),
    mode: Replicated ? { global: false, replicated: { replicas: Replicated.Replicas } } : { global: true },
    endpointSpec: endpointSpec(live),
    observed: describedBy(live),
  };
}

/** With the ports that Swarm chose. */
function endpointSpec({ Spec, Endpoint }: EngineService): object {
  const ports = (Endpoint?.Ports ?? Spec["EndpointSpec"]?.Ports ?? []) as Record<string, unknown>[];
  return {
    mode: Spec["EndpointSpec"]?.Mode ?? "vip",
    ports: ports.map(({ Name, Protocol, PublishMode, PublishedPort, TargetPort }) => ({
      ...(Name !== undefined && { name: Name }),
      protocol: Protocol,
      publishMode: PublishMode,
      publishedPort: PublishedPort,
      targetPort: TargetPort,
    })),
  };
}

/**
 * What the engine has is compared with what it had when this plugin last set it, so that what Swarm writes in its own way
 * is never taken for drift. Changed members go into the inputs, taken apart as deep as the container's own.
 */
export function drifted(
  live: EngineService,
  state: ServiceState,
  inputs: ServiceInputs,
): Live<ServiceInputs, ServiceState> {
  const before = state.declared ?? inputs;
  const now = merge(before, state.observed, describedBy(live), [
    "taskSpec",
    "containerSpec",
  ]) as ServiceInputs;
  const { declared: _, ...rest } = { ...state, ...outputs(live) };
  const changed = !isDeepStrictEqual(now, before);
  return { id: live.ID, inputs: now, state: { ...rest, ...(changed && { declared: before }) } };
}

function outputs(live: EngineService): Pick<ServiceState, "name"> & { endpointSpec: object } {
  return { name: live.Spec.Name, endpointSpec: endpointSpec(live) };
}

type Plain = Record<string, any>;

function merge(inputs: Plain, before: Plain, now: Plain, deeper: readonly string[]): Plain {
  const result = { ...inputs };
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (isDeepStrictEqual(before[name], now[name])) continue;
    if (name === deeper[0]) {
      result[name] = merge(result[name] ?? {}, before[name] ?? {}, now[name] ?? {}, deeper.slice(1));
    } else if (now[name] === undefined) {
      delete result[name];
    } else {
      result[name] = now[name];
    }
  }
  return result;
}
