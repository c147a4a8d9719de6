import { setTimeout as delay } from "node:timers/promises";
import { SshError } from "../../connection/index.js";
import { type Call, formatDuration } from "../../kit/index.js";
import { presenceOf } from "../../virsh/presenceOf.js";
import { textBlock } from "../textBlock.js";
import { consoleTail } from "./consoleTail.js";
import { guestWords } from "./guestWords.js";
import { knock } from "./knock.js";
import type { Machine } from "./machine.js";
import type { MachineFacts } from "./machineFacts.js";
import { script } from "./shell.js";

export interface Reach {
  /** Of each layer. */
  readonly limitMs: number;
  readonly consoleLog: string | undefined;
}

const pauseMs = 1000;
const knockLimitMs = 3000;
const libvirtLimitMs = 10_000;
/** One look waits this long on the machine before it comes back, so that progress can be told. */
const lookSeconds = 15;
/** A look that has no answer by then is given up; an emulated machine that boots is slow. */
const lookLimitMs = 90_000;
/** sshd may answer before the first boot has put the user's key in place. */
const refusalLimitMs = 120_000;

/**
 * Waits, layer by layer, until something answers at a machine's address, until it shows its pinned host key and lets us in, and
 * until its first boot is over; gives what it looks like then. Each layer has the limit for itself. A wrong host key ends the wait at
 * once, and so does a machine that libvirt knows not to run.
 */
export async function reachMachine(
  machine: Machine,
  reach: Reach,
  call: Call<unknown>,
): Promise<MachineFacts> {
  await awaitAddress(machine, reach, call);
  const seen = await awaitLogin(machine, reach, call);
  return seen.boot === "running" ? awaitFirstBoot(machine, reach, call) : seen;
}

async function awaitAddress(machine: Machine, reach: Reach, call: Call<unknown>): Promise<void> {
  const { where, connection } = machine;
  const { host, port = 22 } = connection;
  const watch = stopwatch(reach.limitMs);
  call.status(`waiting for ${where} to answer at its address`);
  while (!watch.isOver()) {
    call.signal.throwIfAborted();
    if ((await knock(host, port, Math.min(knockLimitMs, watch.left()))) === "answers") return;
    await refuseOff(machine, reach, call);
    call.status(`waiting for ${where} to answer at its address, ${watch.words()}`);
    await pause(call);
  }
  throw new Error(
    `${where}: nothing answers at its address within ${formatDuration(reach.limitMs)}.${await ownWords(machine, reach)}\n` +
      `Check that its network has this address. ${readOnce} ${slow}`,
  );
}

async function awaitLogin(machine: Machine, reach: Reach, call: Call<unknown>): Promise<MachineFacts> {
  const { where } = machine;
  const watch = stopwatch(reach.limitMs);
  let refusal: Stopwatch | undefined;
  let trouble = "no answer yet";
  call.status(`waiting for SSH on ${where}`);
  while (!watch.isOver()) {
    const attemptMs = Math.ceil(Math.min(lookLimitMs, watch.left()));
    const attempt = AbortSignal.any([call.signal, AbortSignal.timeout(attemptMs)]);
    try {
      return await machine.look(0, attempt);
    } catch (error) {
      call.signal.throwIfAborted();
      if (!attempt.aborted && !(error instanceof SshError)) throw error;
      const kind = error instanceof SshError ? error.kind : "unreachable";
      if (kind === "host-key") throw error;
      if (kind === "off" || kind === "gone") throw await stopped(machine, reach, error as Error);
      trouble = attempt.aborted
        ? `no answer within ${formatDuration(attemptMs)}`
        : withoutAddress((error as Error).message);
      refusal = kind === "authentication" ? (refusal ?? stopwatch(refusalLimitMs)) : undefined;
      if (refusal?.isOver()) break;
      call.status(`waiting for SSH on ${where}, ${watch.words()} (${trouble})`);
    }
    await pause(call);
  }
  const last = /[.!?]$/.test(trouble) ? trouble : `${trouble}.`;
  const words = await ownWords(machine, reach);
  if (refusal !== undefined) {
    throw new Error(
      `${where} refused our key for ${formatDuration(refusal.elapsed())}: ${last}${words}\n` +
        `Check that its user data creates this user with this public key. ${readOnce}`,
    );
  }
  throw new Error(
    `${where} answers at its address and did not let us in over SSH within ${formatDuration(reach.limitMs)}. Last try: ${last}${words}\n` +
      `Check that sshd starts in it. ${readOnce} ${slow}`,
  );
}

async function awaitFirstBoot(machine: Machine, reach: Reach, call: Call<unknown>): Promise<MachineFacts> {
  const { where } = machine;
  const watch = stopwatch(reach.limitMs);
  while (!watch.isOver()) {
    const attempt = AbortSignal.any([
      call.signal,
      AbortSignal.timeout(Math.ceil(Math.min(lookLimitMs, watch.left()))),
    ]);
    try {
      const seen = await machine.look(lookSeconds, attempt);
      if (seen.boot !== "running") return seen;
      const stage = seen.bootStage ? ` (cloud-init: ${seen.bootStage})` : "";
      call.status(`${where} answers; waiting for its first boot to finish${stage}, ${watch.words()}`);
    } catch (error) {
      call.signal.throwIfAborted();
      if (!attempt.aborted && !(error instanceof SshError)) throw error;
      const kind = error instanceof SshError ? error.kind : "unreachable";
      if (kind === "off" || kind === "gone") throw await stopped(machine, reach, error as Error);
      // cloud-init may restart sshd, or the machine.
      await pause(call);
    }
  }
  throw await stillBooting(machine, formatDuration(reach.limitMs), call.signal);
}

const readOnce =
  'A machine reads its user data at its first boot only: "newSeed: replace" makes it anew with what is corrected there.';
const slow = 'Where it is only slow, raise "bootTimeout"; the next update goes on waiting.';

/** One that went off by itself will not answer however long it is waited for. */
async function refuseOff(machine: Machine, reach: Reach, call: Call<unknown>): Promise<void> {
  const { domain } = machine.connection;
  if (domain === undefined) return;
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(libvirtLimitMs)]);
  const found = await presenceOf(domain, signal).catch(() => undefined);
  call.signal.throwIfAborted();
  if (found === undefined || found.is === "on") return;
  throw await stopped(
    machine,
    reach,
    new Error(`the machine can't answer: ${found.words}, says libvirt at ${domain.uri}.`),
  );
}

async function stopped({ where }: Machine, { consoleLog }: Reach, error: Error): Promise<Error> {
  return new Error(
    `${where}: ${withoutAddress(error.message)}${await consoleTail(consoleLog)}\n"pulumi up --refresh" starts it.`,
    { cause: error },
  );
}

async function ownWords({ connection }: Machine, { consoleLog }: Reach): Promise<string> {
  return `${await guestWords(connection.domain)}${await consoleTail(consoleLog)}`;
}

interface Stopwatch {
  elapsed(): number;
  left(): number;
  isOver(): boolean;
  /** e.g. `30s of 10m`. */
  words(): string;
}

function stopwatch(limitMs: number): Stopwatch {
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  return {
    elapsed,
    left: () => limitMs - elapsed(),
    isOver: () => elapsed() >= limitMs,
    words: () => `${formatDuration(elapsed())} of ${formatDuration(limitMs)}`,
  };
}

async function pause(call: Call<unknown>): Promise<void> {
  await delay(pauseMs, undefined, { signal: call.signal }).catch(() => call.signal.throwIfAborted());
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
      `${await cloudInitWords(machine, signal)}\nCorrect what it was given (its cloud-init user data). ${readOnce}`,
  );
}

async function stillBooting(machine: Machine, limit: string, signal: AbortSignal): Promise<Error> {
  return new Error(
    `${machine.where}: its first boot had not finished after ${limit}.${await cloudInitWords(machine, signal)}\n` +
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
