import { type Call, formatDuration, poll } from "../../kit/index.js";
import { type RunningServer, runningServers } from "./runningServer.js";
import { type RuntimeApi, RuntimeRefusalError } from "./runtimeApi.js";
import { type ServerFigures, serverFigures } from "./serverFigures.js";
import type { Step } from "./step.js";

export interface StepContext {
  readonly api: RuntimeApi;
  readonly call: Call<unknown>;
  /** The container's name, for messages. */
  readonly name: string;
  /** Resolves when workers of former reloads have ended, or the signal says so. */
  readonly workersEnded: (signal: AbortSignal) => Promise<void>;
}

const everyMs = 250;
/** Also where the call is nearly over: for one look. */
const leastWaitMs = 1_000;
const lastCheckLimitMs = 2_000;
const deleteLimitMs = 10_000;
/** Within the time that the engine's Cancel leaves. */
const takeBackLimitMs = 4_000;
/** Of the call's limit, for what follows a wait. */
const reserveMs = 15_000;

/** A new server did not come up; all is as it was. */
export class NewServerDownError extends Error {
  override readonly name = "NewServerDownError";
}

/**
 * Carries out a plan. Where a new server does not come up, or the call ends before, those that were added are taken out again.
 *
 * @throws NewServerDownError, and RuntimeRefusalError with HAProxy's words where it refuses a step.
 */
export async function runSteps(steps: readonly Step[], context: StepContext): Promise<void> {
  if (steps.length === 0) return;
  const started = Date.now();
  const added = steps.flatMap((step) => (step.do === "add" ? [step.server] : []));
  const lastArrival = steps.findLastIndex((step) => step.do === "add" || step.do === "awaitUp");
  for (const [index, part] of parts(steps)) {
    try {
      await run(part, context, started);
    } catch (error) {
      if (index <= lastArrival && !(error instanceof RuntimeRefusalError)) await takeBack(added, context);
      throw error;
    }
  }
}

/** What can be said to HAProxy at once, or is waited for; with the index of its first step. */
type Part =
  | { readonly tell: string[] }
  | { readonly remove: string[] }
  | Extract<Step, { readonly do: "awaitUp" | "awaitIdle" }>;

function parts(steps: readonly Step[]): [number, Part][] {
  const found: [number, Part][] = [];
  for (const [index, step] of steps.entries()) {
    const last = found.at(-1)?.[1];
    if (step.do === "awaitUp" || step.do === "awaitIdle") {
      found.push([index, step]);
    } else if (step.do === "clear" || step.do === "remove") {
      if (last && "remove" in last) last.remove.push(step.server);
      else found.push([index, { remove: [step.server] }]);
    } else if (last && "tell" in last) last.tell.push(...commands(step));
    else found.push([index, { tell: commands(step) }]);
  }
  return found;
}

async function run(part: Part, context: StepContext, started: number): Promise<void> {
  const { api, call } = context;
  if ("tell" in part) return api.tell(part.tell, call.signal);
  if ("remove" in part) return remove(part.remove, api, call.signal, deleteLimitMs);
  // No longer than half of the call: what comes after it takes time as well.
  if (part.do === "awaitUp")
    return awaitUp(part.servers, Math.min(part.limitMs, call.timeoutMs / 2), context);
  const left = call.timeoutMs - (Date.now() - started) - reserveMs;
  return awaitIdle(part.servers, Math.max(leastWaitMs, Math.min(part.limitMs, left)), context);
}

function commands(
  step: Exclude<Step, { readonly do: "awaitUp" | "awaitIdle" | "clear" | "remove" }>,
): string[] {
  switch (step.do) {
    case "add":
      return [
        `add server ${step.server} ${step.line}`,
        ...(step.cookie ? [`enable dynamic-cookie backend ${step.server.split("/")[0]}`] : []),
        ...enter(step.server, step.checked),
        ...(step.agent ? [`enable agent ${step.server}`] : []),
      ];
    case "return":
      return enter(step.server, step.checked);
    case "undrain":
      return [`set server ${step.server} state ready`];
    case "check":
      return [`enable health ${step.server}`];
    case "weigh":
      return [`set server ${step.server} weight ${step.weight}`];
    case "drain":
      return [
        // It could make the server ready again. HAProxy takes this of servers without one too.
        ...(step.leaves ? [`disable agent ${step.server}`] : []),
        `set server ${step.server} state drain`,
      ];
  }
}

/**
 * From maintenance into service. HAProxy takes a server that leaves maintenance to be up until a check fails; down and drained
 * first, this one gets nothing before as many checks as its `rise` says have passed.
 */
function enter(server: string, checked: boolean): string[] {
  if (!checked) return [`enable server ${server}`];
  return [
    `set server ${server} state drain`,
    `enable health ${server}`,
    `set server ${server} health down`,
    `set server ${server} state ready`,
  ];
}

async function awaitUp(servers: readonly string[], limitMs: number, context: StepContext): Promise<void> {
  const { api, call, name } = context;
  const limit = AbortSignal.timeout(limitMs);
  const down = async () => {
    const running = runningServers(await api.ask("show servers state", call.signal));
    return servers.filter((server) => !running.some((one) => serverOf(one) === server && one.up));
  };
  const waited = poll({
    what: `HAProxy's checks of ${servers.join(", ")}`,
    signal: AbortSignal.any([call.signal, limit]),
    status: call.status,
    every: everyMs,
    until: async () => (await down()).length === 0,
  });
  await waited.catch(async (error: unknown) => {
    if (call.signal.aborted || !limit.aborted) throw error;
    const missing = await down();
    const figures = await lastChecks(missing, context);
    const words = figures.map(
      ({ server, lastCheck }) => `${server}: ${lastCheck || "no check has ended yet"}`,
    );
    throw new NewServerDownError(
      `container ${name}: new servers did not come up within ${formatDuration(limitMs)}, so they have been taken out again; ` +
        `the old ones serve on. HAProxy's last check of each:\n${words.map((line) => `  | ${line}`).join("\n")}\n` +
        "Repair what they answer, or the backend's check, then update again.",
      { cause: error },
    );
  });
}

/** Between two checks where there is such a moment, as HAProxy forgets half of the last one while the next is under way. */
async function lastChecks(servers: readonly string[], { api, call }: StepContext): Promise<ServerFigures[]> {
  const look = async () => {
    const all = serverFigures(await api.ask("show stat -1 4 -1", call.signal));
    return all.filter(({ server }) => servers.includes(server));
  };
  return poll({
    what: "the end of HAProxy's checks",
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(lastCheckLimitMs)]),
    every: everyMs / 5,
    until: async () => {
      const found = await look();
      return found.some(({ checking }) => checking) ? undefined : found;
    },
  }).catch(look);
}

async function awaitIdle(servers: readonly string[], limitMs: number, context: StepContext): Promise<void> {
  const { api, call, name } = context;
  const limit = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([call.signal, limit]);
  const busy = async () =>
    serverFigures(await api.ask("show stat -1 4 -1", call.signal)).filter(
      ({ server, current, queued }) => servers.includes(server) && current + queued > 0,
    );
  try {
    await poll({
      what: `the sessions on ${servers.join(", ")}`,
      signal,
      status: call.status,
      every: everyMs,
      until: async () => (await busy()).length === 0,
    });
    await context.workersEnded(signal);
  } catch (error) {
    if (call.signal.aborted || !limit.aborted) throw error;
    const rest = await busy();
    const words = rest.map(({ server, current, queued }) => `${server} (${current + queued})`).join(", ");
    call.log(
      "warning",
      `container ${name}: sessions that have not ended within ${formatDuration(limitMs)} are cut: ${words || "in workers of a former reload"}.`,
    );
    await api.tell(
      rest.map(({ server }) => `shutdown sessions server ${server}`),
      call.signal,
    );
  }
}

/** Idle connections to a server are closed as it enters maintenance, which takes HAProxy a moment. */
async function remove(
  servers: readonly string[],
  api: RuntimeApi,
  signal: AbortSignal,
  limitMs: number,
): Promise<void> {
  await api.tell(
    servers.flatMap((server) => [`disable agent ${server}`, `set server ${server} state maint`]),
    signal,
  );
  let left = [...servers];
  let words: string[] = [];
  const done = poll({
    what: `the removal of ${servers.join(", ")}`,
    signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    every: everyMs,
    until: async () => {
      const answers = await api.each(
        left.map((server) => `del server ${server}`),
        signal,
      );
      left = left.filter((_, index) => answers[index] !== "Server deleted.");
      words = answers.filter((answer) => answer !== "Server deleted.");
      if (words.some((answer) => !/connections|sessions/.test(answer))) {
        throw new RuntimeRefusalError(words.join(" "));
      }
      return left.length === 0;
    },
  });
  await done.catch((error: unknown) => {
    signal.throwIfAborted();
    throw words.length > 0 ? new RuntimeRefusalError(words.join(" ")) : error;
  });
}

/** Not under the call's signal: a cancelled update must not leave new servers behind. What stays is found by the next update. */
async function takeBack(servers: readonly string[], { api, call }: StepContext): Promise<void> {
  try {
    const running = runningServers(await api.ask("show servers state", AbortSignal.timeout(takeBackLimitMs)));
    const there = servers.filter((server) => running.some((one) => serverOf(one) === server));
    await remove(there, api, AbortSignal.timeout(takeBackLimitMs), takeBackLimitMs);
  } catch (error) {
    call.log("warning", `new servers could not be taken out again: ${(error as Error).message}`);
  }
}

function serverOf({ backend, name }: RunningServer): string {
  return `${backend}/${name}`;
}
