import { setTimeout as delay } from "node:timers/promises";
import { type Call, formatDuration } from "../../kit/index.js";
import { textBlock } from "../textBlock.js";
import { applyExit, applyScript, journalScript, putBackScript } from "./applyScript.js";
import { dockerWords } from "./dockerWords.js";
import { EngineApi } from "./engineApi.js";
import { installDocker } from "./installDocker.js";
import type { Machine } from "./machine.js";
import type { MachineFacts } from "./machineFacts.js";
import { describePlan, isDone, type Plan, planEngine } from "./plan.js";
import type { EngineInputs, EngineState } from "./types.js";

const reloadLimitMs = 20_000;
const answerLimitMs = 120_000;
const pauseMs = 1000;

/** Brings Docker on a machine that has been reached into the wanted state, and tells what runs there then. */
export async function converge(
  machine: Machine,
  found: MachineFacts,
  inputs: EngineInputs,
  call: Call<unknown>,
): Promise<EngineState> {
  const { where } = machine;
  if (!found.hasSystemd) {
    throw new Error(
      `${where} is not run by systemd, which Berth uses to keep Docker running. Use an image that is.`,
    );
  }
  let facts = found;
  if (!facts.hasDocker) {
    await installDocker(machine, facts, inputs.package, call);
    facts = await machine.look(0, call.signal);
    if (!facts.hasDocker) {
      throw new Error(
        `${where}: the package "${inputs.package}" was installed and brought no dockerd. Correct "package".`,
      );
    }
  }
  const plan = planEngine(facts, inputs);
  if (!isDone(plan)) await apply(machine, plan, call);
  call.step?.("run");
  call.status(`waiting for Docker on ${where} to answer`);
  const { version, engineId } = await askDocker(machine, answerLimitMs, call);
  const flags = { running: true, enabled: true, access: true, yields: true, handsOver: true };
  return { version, engineId, machineId: facts.machineId, ...flags };
}

async function apply(machine: Machine, plan: Plan, call: Call<unknown>): Promise<void> {
  const { where } = machine;
  call.status(`${where}: ${describePlan(plan)}`);
  const result = await machine.root(applyScript(plan), call.signal);
  const since = Number(/^since (\d+)$/m.exec(result.stdout)?.[1] ?? 0);
  const words = textBlock(dockerWords(result.stdout.replace(/^since .*\n/m, "") + result.stderr));
  switch (result.code) {
    case 0:
      break;
    case applyExit.refused:
      throw new Error(
        `${where}: Docker refuses this daemon.json, and nothing was changed:\n${words}\nCorrect "daemon".`,
      );
    case applyExit.putBack:
      throw new Error(
        `${where}: Docker does not start with this daemon.json. The old one is back and Docker runs with it. ` +
          `Docker's last words:\n${words}\nCorrect "daemon".`,
      );
    case applyExit.down:
      throw new Error(
        `${where}: Docker does not start. Its last words:\n${words}\n` +
          'Look at "journalctl -u docker" on the machine; the next update tries again.',
      );
    default:
      throw new Error(`${where}: ${describePlan(plan)} failed (exit code ${result.code}):\n${words}`);
  }
  if (plan.joinGroup !== undefined) machine.reconnect();
  if (plan.activation === "reload") await confirmReload(machine, since, call);
}

/** Docker says nothing to the one who sends the signal; that it took the file over is an event of its own. */
async function confirmReload(machine: Machine, since: number, call: Call<unknown>): Promise<void> {
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(reloadLimitMs)]);
  try {
    await new EngineApi(machine.ssh).reloaded(since, signal);
  } catch (error) {
    const { stdout } = await machine.root(putBackScript(since), AbortSignal.timeout(reloadLimitMs));
    call.signal.throwIfAborted();
    const why = signal.aborted
      ? `did not take over this daemon.json within ${formatDuration(reloadLimitMs)}`
      : `${error}`;
    throw new Error(
      `${machine.where}: Docker ${why}. The old one is back. Docker's last words:\n${textBlock(dockerWords(stdout))}\nCorrect "daemon".`,
      { cause: error },
    );
  }
}

/** Docker's version and id, as soon as it answers. */
export async function askDocker(
  machine: Machine,
  limitMs: number,
  call: Call<unknown>,
): Promise<{ version: string; engineId: string }> {
  const limit = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([call.signal, limit]);
  let last: unknown;
  while (!limit.aborted) {
    try {
      const api = new EngineApi(machine.ssh);
      const [version, info] = await Promise.all([api.get("/version", signal), api.get("/info", signal)]);
      return { version: String(version["Version"]), engineId: String(info["ID"]) };
    } catch (error) {
      call.signal.throwIfAborted();
      if (!limit.aborted) last = error;
    }
    await delay(pauseMs, undefined, { signal }).catch(() => call.signal.throwIfAborted());
  }
  const journal = await machine.root(journalScript(20), call.signal);
  throw new Error(
    `${machine.where}: Docker runs and does not answer within ${formatDuration(limitMs)} (${messageOf(last)}). ` +
      `Its last words:\n${textBlock(dockerWords(journal.stdout))}`,
    { cause: last },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error ?? "no answer");
}
