import { setTimeout as delay } from "node:timers/promises";
import { SshError } from "../../connection/index.js";
import { type Call, formatDuration } from "../../kit/index.js";
import { textBlock } from "../textBlock.js";
import { consoleTail } from "./consoleTail.js";
import type { Machine } from "./machine.js";
import type { MachineFacts } from "./machineFacts.js";
import { script } from "./shell.js";

export interface Reach {
  readonly limitMs: number;
  readonly consoleLog: string | undefined;
}

const pauseMs = 1000;
/** One look waits this long on the machine before it comes back, so that progress can be told. */
const lookSeconds = 15;
/** A look that has no answer by then is given up; an emulated machine that boots is slow. */
const lookLimitMs = 90_000;
/** sshd may answer before the first boot has put the user's key in place. */
const refusalLimitMs = 120_000;

/**
 * Waits until a machine lets us in and its first boot is over, and gives what it looks like then. A wrong host key ends the
 * wait at once.
 */
export async function reachMachine(
  machine: Machine,
  { limitMs, consoleLog }: Reach,
  call: Call<unknown>,
): Promise<MachineFacts> {
  const { where } = machine;
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  const limit = formatDuration(limitMs);
  let refusedSince: number | undefined;
  let seen: MachineFacts | undefined;
  let trouble = "no answer yet";
  call.status(`waiting for SSH on ${where}`);
  while (elapsed() < limitMs) {
    const attemptMs = Math.ceil(Math.min(lookLimitMs, limitMs - elapsed()));
    const attempt = AbortSignal.any([call.signal, AbortSignal.timeout(attemptMs)]);
    try {
      seen = await machine.look(lookSeconds, attempt);
      if (seen.boot !== "running") return seen;
      refusedSince = undefined;
      const stage = seen.bootStage ? ` (cloud-init: ${seen.bootStage})` : "";
      call.status(
        `${where} answers; waiting for its first boot to finish${stage}, ${formatDuration(elapsed())} of ${limit}`,
      );
      continue;
    } catch (error) {
      call.signal.throwIfAborted();
      if (!attempt.aborted && !(error instanceof SshError)) throw error;
      trouble = attempt.aborted
        ? `no answer within ${formatDuration(attemptMs)}`
        : withoutAddress((error as Error).message);
      const kind = error instanceof SshError ? error.kind : "unreachable";
      if (kind === "host-key") throw error;
      refusedSince = kind === "authentication" ? (refusedSince ?? elapsed()) : undefined;
      if (refusedSince !== undefined && elapsed() - refusedSince >= refusalLimitMs) break;
      call.status(`waiting for SSH on ${where}, ${formatDuration(elapsed())} of ${limit} (${trouble})`);
    }
    await delay(pauseMs, undefined, { signal: call.signal }).catch(() => call.signal.throwIfAborted());
  }
  if (seen?.boot === "running") throw await stillBooting(machine, limit, call.signal);
  const refusedMs = refusedSince === undefined ? undefined : elapsed() - refusedSince;
  throw await unreached(where, refusedMs, limit, trouble, consoleLog);
}

/** Refuses a machine whose first boot went wrong: what it should have set up may not be there. */
export async function refuseFailedBoot(
  machine: Machine,
  facts: MachineFacts,
  signal: AbortSignal,
): Promise<void> {
  if (facts.bootErrors.length === 0) return;
  throw new Error(
    `${machine.where}: its first boot finished with errors, says cloud-init:\n${textBlock(facts.bootErrors.join("\n"))}` +
      `${await cloudInitWords(machine, signal)}\nCorrect what it was given (its cloud-init user data), and replace the machine.`,
  );
}

async function stillBooting(machine: Machine, limit: string, signal: AbortSignal): Promise<Error> {
  return new Error(
    `${machine.where}: its first boot had not finished after ${limit}.${await cloudInitWords(machine, signal)}\n` +
      'Where it is only slow, raise "bootTimeout"; the next update goes on waiting.',
  );
}

async function unreached(
  where: string,
  refusedMs: number | undefined,
  limit: string,
  trouble: string,
  consoleLog: string | undefined,
): Promise<Error> {
  const last = /[.!?]$/.test(trouble) ? trouble : `${trouble}.`;
  if (refusedMs !== undefined) {
    return new Error(
      `${where} refused our key for ${formatDuration(refusedMs)}: ${last}${await consoleTail(consoleLog)}\n` +
        "Check that its user data creates this user with this public key.",
    );
  }
  return new Error(
    `${where} did not let us in over SSH within ${limit}. Last try: ${last}${await consoleTail(consoleLog)}\n` +
      "Check that it runs, that its network has this address and that sshd starts in it. " +
      'Where it is only slow, raise "bootTimeout"; the next update goes on waiting.',
  );
}

async function cloudInitWords(machine: Machine, signal: AbortSignal): Promise<string> {
  const words = script(
    "cloud-init status --long 2>&1",
    "grep -hE 'ERROR|CRITICAL|Traceback|[Ff]ailed' /var/log/cloud-init.log | tail -n 15",
    "tail -n 5 /var/log/cloud-init-output.log",
  );
  const { stdout } = await machine.root(words, signal);
  return `\ncloud-init's own words:\n${textBlock(stdout, 30)}`;
}

/** The machine is named already: `berth@10.0.0.2:22: connect ECONNREFUSED`. */
function withoutAddress(message: string): string {
  return message.replace(/^\S+@\S+:\d+: /, "");
}
