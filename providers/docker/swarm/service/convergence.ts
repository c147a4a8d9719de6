import { isDeepStrictEqual } from "node:util";
import { type Call, poll } from "../../../kit/index.js";
import type { Configuration } from "../../configuration.js";
import { toNanoseconds } from "../../container/units.js";
import { demultiplex } from "../../engine/demultiplex.js";
import type { EngineService, ServiceInputs, Task } from "./types.js";

const standardTimeout = "3m";
const standardDelay = "1s";
const lastWordsLimitMs = 10_000;
const logLines = 20;

/**
 * With `convergeConfig`: until as many tasks of the present specification run as are wanted, from one look to the next,
 * `timeout` at most (default 3m), looking each `delay` (default 1s). An update that Swarm pauses or rolls back is an error at once. Errors carry what
 * the tasks died of, and the last lines they logged.
 */
export async function awaitService(
  id: string,
  inputs: ServiceInputs,
  call: Call<Configuration>,
): Promise<void> {
  if (!inputs.convergeConfig) return;
  const { timeout = standardTimeout, delay = standardDelay } = inputs.convergeConfig;
  const limit = AbortSignal.timeout(toNanoseconds(timeout) / 1e6);
  const signal = AbortSignal.any([call.signal, limit]);
  let found = "no task yet";
  let ran: string | undefined;
  try {
    await poll({
      what: `service ${id.slice(0, 12)} to converge`,
      signal,
      every: toNanoseconds(delay) / 1e6,
      until: async () => {
        const { service, tasks } = await look(id, call, signal);
        const { State, Message } = service.UpdateStatus ?? {};
        if (State === "paused" || State?.startsWith("rollback")) {
          throw new Error(`its update was ${words[State] ?? State}: ${Message ?? ""}`);
        }
        const wanted = service.ServiceStatus?.DesiredTasks ?? 0;
        const running = tasks
          .filter((task) => isCurrent(task, service) && task.Status.State === "running")
          .map(({ ID }) => ID)
          .sort();
        found = `${running.length} of ${wanted} tasks run`;
        call.status(`waiting for service ${service.Spec.Name} to converge: ${found}`);
        // Twice the same tasks: one that ends as soon as it has started is not taken for running.
        const lasting = ran === running.join();
        ran = running.join();
        return running.length >= wanted && lasting && State !== "updating";
      },
    });
  } catch (error) {
    if (call.signal.aborted) throw error;
    const why = limit.aborted
      ? `did not converge within ${timeout} ("convergeConfig.timeout"): ${found}.`
      : `did not converge: ${(error as Error).message}`;
    throw new Error(`service "${inputs.name ?? id.slice(0, 12)}" ${why}${await lastWords(id, call)}`, {
      cause: error,
    });
  }
}

const words: Readonly<Record<string, string>> = {
  paused: "paused",
  rollback_started: "rolled back",
  rollback_paused: "rolled back, which was paused too",
  rollback_completed: "rolled back",
};

async function look(
  id: string,
  { config: { engine } }: Call<Configuration>,
  signal: AbortSignal,
): Promise<{ service: EngineService; tasks: Task[] }> {
  const query = { filters: { id: [id] }, status: true };
  const [service] = await engine.call<EngineService[]>("GET", "/services", { signal, query });
  if (!service) throw new Error("it is gone.");
  const filters = { service: [id], "desired-state": ["running"] };
  const tasks = await engine.call<Task[]>("GET", "/tasks", { signal, query: { filters } });
  return { service, tasks };
}

/** Swarm keeps the old tasks running until the new ones have come. */
function isCurrent({ Spec }: Task, { Spec: { TaskTemplate } }: EngineService): boolean {
  return (
    isDeepStrictEqual(Spec.ContainerSpec, TaskTemplate["ContainerSpec"]) &&
    (Spec.ForceUpdate ?? 0) === (TaskTemplate["ForceUpdate"] ?? 0)
  );
}

/** What the tasks died of, the newest first, and the end of their log. Never fails itself. */
async function lastWords(id: string, { config: { engine } }: Call<Configuration>): Promise<string> {
  const signal = AbortSignal.timeout(lastWordsLimitMs);
  const query = { filters: { service: [id] } };
  const tasks = await engine.call<Task[]>("GET", "/tasks", { signal, query }).catch(() => [] as Task[]);
  const errors = tasks
    .sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1))
    .flatMap(({ Status }) => (Status.Err ? [Status.Err] : []));
  const log = await serviceLog(id, engine, signal).catch(() => "");
  return (
    section("Its tasks ended with:", [...new Set(errors)].slice(0, 3).join("\n")) +
    section("Their last log lines:", log)
  );
}

async function serviceLog(id: string, engine: Configuration["engine"], signal: AbortSignal): Promise<string> {
  const query = { stdout: true, stderr: true, tail: logLines };
  const answer = await engine.stream("GET", `/services/${id}/logs`, { signal, query });
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return demultiplex(Buffer.concat(chunks), false);
}

function section(title: string, text: string): string {
  const body = text.trimEnd();
  return body === "" ? "" : `\n${title}\n${body.replace(/^/gm, "  ")}`;
}
