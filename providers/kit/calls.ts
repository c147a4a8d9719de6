import { status } from "@grpc/grpc-js";
import { formatDuration } from "./duration.js";
import type { EngineLog } from "./engineLog.js";
import { CodedError, messageOf } from "./errors.js";
import { Stopwatch } from "./timingLog.js";
import { type Call, PartialError } from "./types.js";

/** How long a call may go on after its end was asked for: time to close what is open and to record what was made. */
const graceMs = 5000;

export interface CallRequest<C> {
  /** The verb for messages: create, update, … */
  readonly what: string;
  readonly config: C;
  readonly urn: string;
  /** Where the engine shows log lines; empty for a function, which has no URN. */
  readonly logUrn: string;
  readonly preview: boolean;
  readonly timeoutMs: number;
  readonly redact: (text: string) => string;
}

interface Running {
  readonly redact: (text: string) => string;
  /** The error for an end that `cause` tells. */
  readonly end: (cause: string) => Error;
}

/** The calls that are running: each with a limit, all of them ended together on the engine's Cancel. */
export class Calls {
  readonly #running = new Map<AbortController, Running>();
  readonly #idle = new Set<() => void>();

  constructor(
    private readonly log: EngineLog,
    private readonly grace = graceMs,
  ) {}

  /** Runs a handler; resolves or rejects within the limit and the grace after it, whatever the handler does. */
  async run<C, T>(request: CallRequest<C>, handle: (call: Call<C>) => T | Promise<T>): Promise<T> {
    const { what, redact, timeoutMs, logUrn } = request;
    const controller = new AbortController();
    const { signal } = controller;
    const stopwatch = new Stopwatch();
    let waitsFor: string | undefined;
    const ended = (code: status, cause: string) => {
      const last = waitsFor === undefined ? "" : `: last thing it waited for: ${waitsFor}`;
      return new CodedError(code, `${what} ${cause}${last}`);
    };
    const call: Call<C> = {
      config: request.config,
      urn: request.urn,
      preview: request.preview,
      signal,
      timeoutMs,
      log: (severity, message) => this.log.write(severity, redact(message), logUrn),
      step: (name) => stopwatch.step(name),
      status: (message) => {
        if (message === waitsFor) return;
        waitsFor = message;
        this.log.write("info", redact(message), logUrn, true);
      },
    };
    const timer = setTimeout(
      () => controller.abort(ended(status.DEADLINE_EXCEEDED, `timed out after ${formatDuration(timeoutMs)}`)),
      // Node fires at once for anything that does not fit 31 bits.
      Math.min(timeoutMs, 2 ** 31 - 1),
    );
    this.#running.set(controller, { redact, end: (cause) => ended(status.CANCELLED, cause) });
    const work = (async () => handle(call))();
    const overdue = this.#overdue(signal, work, call, what);
    try {
      const result = await Promise.race([work, overdue.promise]);
      if (!request.preview && (what === "create" || what === "update")) stopwatch.record(what, request.urn);
      return result;
    } catch (error) {
      if (!signal.aborted || error instanceof PartialError || error instanceof CodedError) throw error;
      throw explain(signal.reason, error);
    } finally {
      overdue.stop();
      clearTimeout(timer);
      this.#running.delete(controller);
      if (this.#running.size === 0) for (const wake of this.#idle) wake();
    }
  }

  /** Asks all running calls to end; `cause` completes the sentence "create …". */
  cancel(cause: string): void {
    for (const [controller, { end }] of this.#running) controller.abort(end(cause));
  }

  /** Blanks the secrets of all running calls, for what can't be told to belong to one of them. */
  redact(text: string): string {
    return [...this.#running.values()].reduce((rest, { redact }) => redact(rest), text);
  }

  /** Resolves when nothing runs; after {@link cancel}, within the grace. */
  idle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#idle.delete(wake);
        resolve();
      };
      this.#idle.add(wake);
    });
  }

  #overdue<C>(signal: AbortSignal, work: Promise<unknown>, call: Call<C>, what: string) {
    let timer: NodeJS.Timeout | undefined;
    let onAbort = () => {};
    const promise = new Promise<never>((_, reject) => {
      onAbort = () => {
        timer = setTimeout(() => {
          work.then(
            () =>
              call.log(
                "warning",
                `${what} finished after its end was reported: what it made is not recorded`,
              ),
            (error) => call.log("debug", `${what} failed after its end was reported: ${messageOf(error)}`),
          );
          // Nobody knows what the handler has done or will still do.
          reject(
            new CodedError(status.UNKNOWN, `${messageOf(signal.reason)}; it did not stop when asked to`),
          );
        }, this.grace);
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
    const stop = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    return { promise, stop };
  }
}

/** The reason for the end, and what the handler said about it where that adds something. */
function explain(reason: unknown, error: unknown): unknown {
  const said = messageOf(error);
  if (error === reason || !(reason instanceof CodedError) || /abort/i.test(said)) return reason;
  return new CodedError(reason.code, `${reason.message} (${said})`);
}
