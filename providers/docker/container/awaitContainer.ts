import { type Call, poll } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { lastWords } from "./lastWords.js";
import { runs, shouldRun } from "./readContainer.js";
import type { ContainerInputs, Inspect } from "./types.js";

const defaultWaitSeconds = 60;
const lookEveryMs = 250;
/** A program that can't run says so in its first moments, and Docker, which starts it again, would hide that. */
const steadyMs = 1500;
/** A machine under load takes long for each answer, and without its words nobody knows what failed. */
const lastWordsLimitMs = 60_000;

/**
 * After the start: a container that has ended although it must run is an error at once; one with a restart policy is
 * watched for a moment, as it would run again soon after. With `wait`, until it is healthy, `waitTimeout` seconds at
 * most; one that ends or turns unhealthy meanwhile is an error at once. Errors carry the container's last log lines
 * and its health check's output.
 *
 * @param isNew its creation removes it where it fails.
 */
export async function awaitContainer(
  id: string,
  inputs: ContainerInputs,
  call: Call<Configuration>,
  isNew = false,
): Promise<Inspect> {
  const { engine } = call.config;
  const look = (signal: AbortSignal) => engine.call<Inspect>("GET", `/containers/${id}/json`, { signal });
  const fail = async (live: Inspect, what: string): Promise<never> => {
    const limit = AbortSignal.timeout(lastWordsLimitMs);
    const signal = AbortSignal.any([call.signal, limit]);
    if (isNew && startsAgain(inputs)) {
      // It is removed next; until then it would end and start all the time, which leaves a small machine no time to read its words.
      await engine.call("POST", `/containers/${id}/stop`, { signal, query: { t: 0 } }).catch(() => {});
    }
    const words = await lastWords(engine, live, signal);
    throw new Error(`container ${describe(live)} ${what}${words}`);
  };
  const ended = (live: Inspect) =>
    shouldRun(inputs) && (!runs(live) || live.State.Restarting || live.RestartCount > 0);

  let live = await look(call.signal);
  if (ended(live)) return fail(live, endOf(live));
  if (!inputs.wait) {
    if (!shouldRun(inputs) || !startsAgain(inputs)) return live;
    const steady = performance.now() + steadyMs;
    await poll({
      what: `container ${describe(live)} to stay up`,
      signal: call.signal,
      status: call.status,
      every: lookEveryMs,
      until: async () => {
        live = await look(call.signal);
        return ended(live) || performance.now() >= steady;
      },
    });
    return ended(live) ? fail(live, endOf(live)) : live;
  }
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

function startsAgain({ restart }: ContainerInputs): boolean {
  return restart !== undefined && restart !== "" && restart !== "no";
}

/** The name and the short id. */
function describe(live: Inspect): string {
  return `"${live.Name.slice(1).replace(/\.creating$/, "")}" (${live.Id.slice(0, 12)})`;
}

function endOf({ State, RestartCount }: Inspect): string {
  if (State.Running && !State.Restarting) return `ended and was started again, ${RestartCount} times.`;
  const why = State.OOMKilled ? ", for it used up its memory" : State.Error ? `: ${State.Error}` : "";
  return `ended with code ${State.ExitCode}${why}.`;
}
