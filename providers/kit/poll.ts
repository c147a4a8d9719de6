import { setTimeout as delay } from "node:timers/promises";

export interface Poll<T> {
  /** What is waited for, as the status line and a time-out name it, e.g. `SSH on 10.0.0.2`. */
  readonly what: string;
  /** The call's signal: its time-out is the limit of the wait. */
  readonly signal: AbortSignal;
  /** The call's status line. */
  readonly status?: (message: string) => void;
  /** Milliseconds between two looks. Default: 1000. */
  readonly every?: number;
  /**
   * One look: anything but undefined and false ends the wait. An error ends it too, unless `retry` says that it will pass.
   */
  readonly until: (signal: AbortSignal) => T | undefined | false | Promise<T | undefined | false>;
  /** Whether an error of `until` is one to wait out. Its message is added to the status line. Default: none is. */
  readonly retry?: (error: Error) => boolean;
}

/** Waits for a condition, and gives what it found. Rejects with the signal's reason when that is aborted first. */
export async function poll<T>({ what, signal, status, every = 1000, until, retry }: Poll<T>): Promise<T> {
  status?.(`waiting for ${what}`);
  for (;;) {
    signal.throwIfAborted();
    try {
      const found = await until(signal);
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error) || !retry?.(error)) throw error;
      status?.(`waiting for ${what} (${error.message})`);
    }
    // The timer's own AbortError says nothing; the signal's reason names the time-out.
    await delay(every, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
