import { bridgeTo } from "./bridgeTo.js";
import { type ConfigSection, hardStopAfterMs, parseConfig } from "./configText.js";
import { planServers } from "./planServers.js";
import type { RunningServer } from "./runningServer.js";
import type { ChangePlan, Step } from "./step.js";

export interface ChangeRequest {
  /** The file that the running worker has started from, but for its server lines. */
  readonly current: string;
  readonly target: string;
  /** What an update that broke off was about to put into force. */
  readonly interrupted?: string | undefined;
  /** The servers that are really in force. */
  readonly running: readonly RunningServer[];
}

/** As long as HAProxy's documentation suggests for old workers, where the configuration sets no limit. */
const defaultDrainLimitMs = 300_000;

/**
 * How the target comes into force: by steps of the Runtime API where nothing but servers differ, else by a reload, before which
 * steps change the servers as far as they can. All new servers are up before the first old one is drained. The same text, in
 * force, gives no steps.
 */
export function planChange(request: ChangeRequest): ChangePlan {
  const { current, target, interrupted, running } = request;
  const [from, to] = [parseConfig(current), parseConfig(target)];
  const reason = structuralDifference(from, to);
  if (reason !== undefined) {
    const config = bridgeTo(current, target);
    const first = config === undefined ? undefined : planChange({ ...request, target: config });
    if (config === undefined || first?.way !== "steps") return { way: "reload", reason };
    return { way: "reload", reason, first: { config, steps: first.steps } };
  }
  const once = interrupted === undefined ? [] : parseConfig(interrupted);
  const plans = to.flatMap((section, index) => {
    // A frontend may have the name of a backend.
    if (section.kind !== "backend" && section.kind !== "listen") return [];
    return planServers({
      section,
      before: from[index]?.servers ?? [],
      interrupted: once.find(({ title }) => title === section.title)?.servers ?? [],
      running: running.filter(({ backend }) => backend === section.name),
      defaults: defaultsOf(to, index),
    });
  });
  const refusal = plans.find((plan) => typeof plan === "string");
  if (refusal !== undefined) return { way: "reload", reason: refusal };
  const changes = plans.filter((plan) => typeof plan !== "string");
  const awaited = changes.flatMap(({ awaited }) => awaited);
  const removed = changes.flatMap(({ removed }) => removed);
  const drainLimitMs = hardStopAfterMs(current) ?? defaultDrainLimitMs;
  const steps: Step[] = [
    ...changes.flatMap(({ arrivals }) => arrivals),
    ...(awaited.length === 0
      ? []
      : [
          {
            do: "awaitUp" as const,
            servers: awaited.map(({ server }) => server),
            limitMs: Math.max(...awaited.map(({ limitMs }) => limitMs)),
          },
        ]),
    ...changes.flatMap(({ weights }) => weights),
    ...removed
      .filter((one) => one.takesTraffic)
      .map(({ server }) => ({ do: "drain" as const, server, leaves: true })),
    ...(removed.length === 0
      ? []
      : [{ do: "awaitIdle" as const, servers: removed.map((one) => one.server), limitMs: drainLimitMs }]),
    ...removed.map(({ server }) => ({ do: "remove" as const, server })),
  ];
  return { way: "steps", steps };
}

/** What a section inherits from: the defaults that it names, else the last ones before it. */
function defaultsOf(sections: readonly ConfigSection[], index: number): ConfigSection | undefined {
  const [, name] = /\sfrom (\S+)/.exec(sections[index]?.title ?? "") ?? [];
  const before = sections.slice(0, index).filter(({ kind }) => kind === "defaults");
  return name === undefined ? before.at(-1) : before.find((one) => one.name === name);
}

/** Why two configurations differ in more than their server lines; `undefined` where they don't. */
function structuralDifference(
  from: readonly ConfigSection[],
  to: readonly ConfigSection[],
): string | undefined {
  if (to.some(({ lines }) => lines.some((line) => /^\.(if|elif|else|endif)\b/.test(line)))) {
    return sameSections(from, to) ? undefined : "a configuration with conditions (.if) changes";
  }
  const named = ({ title }: ConfigSection) =>
    title === "" ? "what stands before the sections" : `"${title}"`;
  const missing = (one: ConfigSection, others: readonly ConfigSection[]) =>
    others.every(({ title }) => title !== one.title);
  const added = to.find((section) => missing(section, from));
  if (added) return `section ${named(added)} is new`;
  const gone = from.find((section) => missing(section, to));
  if (gone) return `section ${named(gone)} goes`;
  if (from.length !== to.length) return "the number of sections changes";
  for (const [index, section] of to.entries()) {
    const before = from[index];
    if (before?.title !== section.title) return "the order of the sections changes";
    if (!sameLines(before.lines, section.lines)) return `section ${named(section)} changes`;
  }
  return undefined;
}

function sameSections(from: readonly ConfigSection[], to: readonly ConfigSection[]): boolean {
  return JSON.stringify(from) === JSON.stringify(to);
}

function sameLines(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}
