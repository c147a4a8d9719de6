import { PassThrough, type Readable } from "node:stream";
import type { Container } from "dockerode";
import { poll } from "../../kit/index.js";
import { haproxyWorkers } from "./haproxyWorkers.js";
import { reloadOutcome } from "./reloadOutcome.js";

const startLimitMs = 30_000;
const reloadLimitMs = 30_000;
const pollMs = 200;

/**
 * Has HAProxy read its file again without dropping connections, and waits for what comes of it. Rejects with HAProxy's words
 * where the reload failed.
 */
export async function reloadHaproxy(container: Container, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(startLimitMs);
  await poll({
    what: "HAProxy's first worker",
    signal: AbortSignal.any([signal, limit]),
    every: pollMs,
    // A master that has just been started has no handler yet, and the signal would be lost.
    until: async () => (await haproxyWorkers(container)).length > 0,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw limit.aborted ? new Error(`HAProxy had no worker after ${startLimitMs / 1000} s`) : error;
  });
  const stop = new AbortController();
  const log = await followLog(container, AbortSignal.any([signal, stop.signal]));
  try {
    await container.kill({ signal: "SIGUSR2" });
    await outcome(log, signal);
  } finally {
    stop.abort();
    log.destroy();
  }
}

function outcome(log: Readable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    let rest = "";
    const timer = setTimeout(
      () => fail(`did not say within ${reloadLimitMs / 1000} s what came of the reload`),
      reloadLimitMs,
    );
    const stop = () => reject(signal.reason);
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    };
    const fail = (why: string) => {
      end();
      reject(new Error([`HAProxy ${why}`, ...lines.slice(-15)].join("\n")));
    };
    signal.addEventListener("abort", stop, { once: true });
    log.on("data", (chunk: string) => {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        // Its messages have a level in brackets; the log of requests has not.
        if (line.startsWith("[")) lines.push(line);
        const found = reloadOutcome(line);
        if (found === "failure") return fail("failed to reload");
        if (found === "success") {
          end();
          return resolve();
        }
      }
    });
    log.on("error", (error) => fail(`: its log broke off (${error.message})`));
    log.on("end", () => fail("ended"));
  });
}

async function followLog(container: Container, signal: AbortSignal): Promise<Readable> {
  const options = { follow: true, tail: 0, stdout: true, stderr: true, abortSignal: signal } as const;
  const raw = await container.logs(options).catch((error: Error) => {
    throw new Error(
      `HAProxy's log, which tells whether a reload succeeded, cannot be read (${error.message}). ` +
        'Use a log driver that can be read for its container: "json-file", "local" or "journald".',
      { cause: error },
    );
  });
  const both = new PassThrough();
  container.modem.demuxStream(raw, both, both);
  raw.on("end", () => both.end());
  raw.on("error", (error: Error) => both.destroy(signal.aborted ? undefined : error));
  both.once("close", () => (raw as Readable).destroy());
  return both.setEncoding("utf8");
}
