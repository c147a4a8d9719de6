import { type Call, duration } from "../../kit/index.js";
import { NewServerDownError } from "../haproxy/runSteps.js";
import { type Closing, Edge } from "./edge.js";
import { lastWords } from "./lastWords.js";
import { startContainers, stopOldContainers } from "./oldContainers.js";
import { finalLines, formerLines, type Generations, generations, stageLines } from "./stageServers.js";
import type { RolloutInputs } from "./types.js";
import { watchStage } from "./watchStage.js";

/** What a cancelled update has left for putting things back. */
const cancelMs = 8_000;

/** An HAProxy, and the generations that its backend has when the rollout begins. */
interface Place {
  readonly edge: Edge;
  readonly before: Generations;
}

/**
 * Takes a service's replicas, or some of them, from one generation to the next in every load balancer. Where a new server does not come
 * up, or a stage fails its check, the old servers have all requests again, and the error says why. What is done already is left as it is.
 */
export async function carryOut(inputs: RolloutInputs, call: Call<unknown>): Promise<void> {
  const closing: Closing[] = [];
  const deadline = Date.now() + call.timeoutMs;
  const within = (): Call<unknown> => ({ ...call, timeoutMs: Math.max(0, deadline - Date.now()) });
  try {
    if (inputs.way === "enter" && inputs.stopOld) await startContainers(inputs);
    const edges = await Edge.find(inputs.balancers, closing, call.signal);
    const places = edges.map((edge) => ({ edge, before: generations(edge.before, edge.balancer.servers) }));
    if (inputs.way === "leave") await leave(inputs, places, within);
    else await enter(inputs, places, within);
  } finally {
    for (const one of closing.reverse()) one.close();
  }
}

async function enter(
  inputs: RolloutInputs,
  places: readonly Place[],
  within: () => Call<unknown>,
): Promise<void> {
  const { service, shares, check } = inputs;
  const changing = places.filter(({ before }) => before.leaving.length > 0);
  // A replica that only moves is no new generation.
  const whole = changing.every(
    ({ edge, before }) => before.fresh.length === Object.keys(edge.balancer.servers).length,
  );
  if (shares.length > 0 && changing.length > 0 && whole) {
    const holdMs = duration(inputs.hold);
    const edges = changing.map(({ edge }) => edge);
    let reached = 0;
    try {
      // All of them are up before the first request goes to one.
      await all(changing, ({ edge, before }) => edge.change(() => formerLines(before, true), within()));
      for (const share of shares) {
        reached = share;
        within().log(
          "info",
          `service "${service}": ${share} % of requests to the new replicas for ${inputs.hold}`,
        );
        await all(changing, ({ edge, before }) => edge.change(() => stageLines(before, share), within()));
        await watchStage({ edges, service, holdMs, check }, within());
      }
    } catch (error) {
      await goBack(changing, within());
      throw new Error(
        `service "${service}": the rollout stopped at ${reached} % and went back; the old replicas serve all requests. ` +
          `${(error as Error).message.replace(/\.?$/, ".")} Mend what the new replicas run, and update again.${await lastWords(inputs)}`,
        { cause: error },
      );
    }
  }
  try {
    await all(places, ({ edge, before }) =>
      edge.change((present) => finalLines(present, before, edge.balancer.servers), within()),
    );
  } catch (error) {
    if (!(error instanceof NewServerDownError)) throw error;
    throw new Error(`${error.message}${await lastWords(inputs)}`, { cause: error });
  }
  if (inputs.stopOld) await stopOldContainers(inputs, within());
}

/** The servers of replicas that change go, and their containers stop, before the next generation is made. */
async function leave(
  inputs: RolloutInputs,
  places: readonly Place[],
  within: () => Call<unknown>,
): Promise<void> {
  await all(places, ({ edge, before }) => {
    const names = new Set(before.leaving.map(({ name }) => name));
    return edge.change(
      (present) => present.filter(({ name }) => !names.has(name)).map(({ text }) => text),
      within(),
    );
  });
  await stopOldContainers(inputs, within());
}

async function goBack(places: readonly Place[], call: Call<unknown>): Promise<void> {
  const { aborted } = call.signal;
  const own = aborted ? { ...call, signal: AbortSignal.timeout(cancelMs), timeoutMs: cancelMs } : call;
  try {
    await all(places, async ({ edge, before }) => {
      await edge.change(() => formerLines(before, true), own);
      if (!aborted) await edge.change(() => formerLines(before, false), own);
    });
  } catch (error) {
    call.log(
      "warning",
      `the servers could not be put back, which the next update does: ${(error as Error).message}`,
    );
  }
}

/** All of them to their end, then the first error: nothing is put back while another part still goes forward. */
async function all(places: readonly Place[], work: (place: Place) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(places.map(work));
  const failed = results.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}
