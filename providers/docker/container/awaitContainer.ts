import { type Call, poll } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { lastWords } from "./lastWords.js";
import { runs, shouldRun } from "./readContainer.js";
import type { ContainerInputs, Inspect } from "./types.js";

const defaultWaitSeconds = 60;
const lookEveryMs = 250;
const lastWordsLimitMs = 10_000;

/**
 * After the start: a container that has ended although it must run is an error at once. With `wait`, until it is healthy,
 * `waitTimeout` seconds at most; one that ends or turns unhealthy meanwhile is an error at once. Errors carry the
 * container's last log lines and its health check's output.
 */
export async function awaitContainer(
  id: string,
  inputs: ContainerInputs,
  call: Call<Configuration>,
): Promise<Inspect> {
  const { engine } = call.config;
  const look = (signal: AbortSignal) => engine.call<Inspect>("GET", `/containers/${id}/json`, { signal });
  const fail = async (live: Inspect, what: string): Promise<never> => {
    const words = await lastWords(engine, live, AbortSignal.timeout(lastWordsLimitMs));
    throw new Error(`container ${describe(live)} ${what}${words}`);
  };
  const ended = (live: Inspect) => shouldRun(inputs) && (!runs(live) || live.State.Restarting);

  let live = await look(call.signal);
  if (ended(live)) return fail(live, endOf(live));
  if (!inputs.wait) return live;
  if (!live.State.Health) {
    return fail(live, `has no health check to wait for: give it one ("healthcheck"), or leave out "wait".`);
  }
  const seconds = inputs.waitTimeout ?? defaultWaitSeconds;
  const limit = AbortSignal.timeout(seconds * 1000);
  const signal = AbortSignal.any([call.signal, limit]);
  try {
    await poll({
      what: `container ${describe(live)} to be healthy`,
      signal,
      status: call.status,
      every: lookEveryMs,
      until: async () => {
        live = await look(signal);
        return ended(live) || live.State.Health?.Status !== "starting";
      },
    });
  } catch (error) {
    if (call.signal.aborted || !limit.aborted) throw error;
    return fail(live, `was not healthy within ${seconds} s ("waitTimeout").`);
  }
  if (ended(live)) return fail(live, endOf(live));
  if (live.State.Health?.Status !== "healthy") return fail(live, "is unhealthy.");
  return live;
}

/** The name and the short id. */
function describe(live: Inspect): string {
  return `"${live.Name.slice(1).replace(/\.creating$/, "")}" (${live.Id.slice(0, 12)})`;
}

function endOf({ State }: Inspect): string {
  const why = State.OOMKilled ? ", for it used up its memory" : State.Error ? `: ${State.Error}` : "";
  return `ended with code ${State.ExitCode}${why}.`;
}
