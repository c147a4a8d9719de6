import { parameter, parseConfig, type ServerLine } from "../haproxy/configText.js";
import { shareWeights } from "./shareWeights.js";

/** The servers of one backend in one rollout, as the file has them when it begins. */
export interface Generations {
  /** All that are not of the new generation, with the weights that they have then. */
  readonly old: readonly ServerLine[];
  /** Those of `old` that the new generation takes the place of. */
  readonly leaving: readonly ServerLine[];
  /** The new generation's lines that are not in the file as they are to be. */
  readonly fresh: readonly ServerLine[];
}

/**
 * Tells the generations apart by the servers' names: replica `web-1` has had `web-1-80`, and is to have `web-1-81`.
 *
 * @param wanted the line of each replica's server
 */
export function generations(
  present: readonly ServerLine[],
  wanted: Readonly<Record<string, string>>,
): Generations {
  const lines = serverLines(Object.values(wanted));
  const names = new Set(lines.map(({ name }) => name));
  const old = present.filter(({ name }) => !names.has(name));
  const replicas = new Set(Object.keys(wanted));
  return {
    old,
    leaving: old.filter(({ name }) => replicas.has(replicaOf(name))),
    fresh: lines.filter(({ text }) => present.every((one) => one.text !== text)),
  };
}

/** The lines of a stage in which the new servers get `share` percent of the requests. */
export function stageLines({ old, fresh }: Generations, share: number): string[] {
  const weights = shareWeights(share, old.map(weightOf), fresh.map(weightOf));
  return [...stage(old, weights.old), ...stage(fresh, weights.fresh)];
}

/** The lines at the end: those that stay, as they were, and the new generation. */
export function finalLines(
  present: readonly ServerLine[],
  before: Generations,
  wanted: Readonly<Record<string, string>>,
): string[] {
  const lines = serverLines(Object.values(wanted));
  const own = new Set([...lines, ...before.leaving].map(({ name }) => name));
  const kept = present.filter(({ name }) => !own.has(name));
  const asBefore = new Map(before.old.map((line) => [line.name, line.text]));
  return [...kept.map((line) => asBefore.get(line.name) ?? line.text), ...lines.map(({ text }) => text)];
}

/** The old servers as they were, and the new ones, where they are `parked`: up, but without requests. */
export function formerLines({ old, fresh }: Generations, parked: boolean): string[] {
  const waiting = parked ? fresh.map((line) => withWeight(line, 0)) : [];
  return [...old.map(({ text }) => text), ...waiting];
}

export function serverLines(lines: readonly string[]): readonly ServerLine[] {
  return parseConfig(["backend lines", ...lines].join("\n")).at(-1)!.servers;
}

/** `web-1` of `web-1-81`: a server's name holds its port. */
export function replicaOf(server: string): string {
  return server.replace(/-\d+$/, "");
}

function stage(lines: readonly ServerLine[], weights: readonly number[]): string[] {
  return lines.map((line, index) => withWeight(line, weights[index]!));
}

function weightOf(line: ServerLine): number {
  return Number(parameter(line, "weight") ?? 1);
}

function withWeight({ name, address, parameters }: ServerLine, weight: number): string {
  const at = parameters.indexOf("weight");
  const others = parameters.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  return ["server", name, address, ...others, "weight", String(weight)].join(" ");
}
