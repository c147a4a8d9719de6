import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import lockfile from "proper-lockfile";

/** Receives one line of progress. */
export type Log = (line: string) => void;

export interface LockOptions {
  /** What the holder of the lock is doing, for the message to those who wait: "building the Pulumi engine". */
  doing: string;
  /** Told once when another holder has to be waited for. */
  log?: Log;
  /** Milliseconds to wait for another holder; default 30 minutes, longer than any build here takes. */
  limitMs?: number;
  /**
   * Milliseconds without a sign of life after which a holder counts as crashed; default 15,000, least 2,000.
   * A holder which ends on a signal that can be caught gives the lock back at once.
   */
  staleMs?: number;
}

/** How often a waiting process looks again. */
const POLL_MS = 200;

/**
 * Runs `work` while no other process runs under the same lock.
 * @param path the lock: a folder which exists while the lock is held; its parent is made where it is missing
 * @throws where another holder still has the lock after `limitMs`, where this process was stopped for so long
 *   that others take it for crashed, and whatever `work` throws
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  let lose: (error: Error) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  lost.catch(() => {}); // Only of interest while `work` runs.
  const release = await acquire(path, options, (cause) =>
    lose(
      new Error(`${options.doing}: this process was stopped and lost its lock ${path}. Run it again.`, {
        cause,
      }),
    ),
  );
  try {
    return await Promise.race([work(), lost]);
  } finally {
    await release().catch(() => {}); // Fails only where the lock is lost already.
  }
}

async function acquire(
  path: string,
  { doing, log, limitMs = 30 * 60_000, staleMs = 15_000 }: LockOptions,
  onCompromised: (cause: Error) => void,
): Promise<() => Promise<void>> {
  const deadline = Date.now() + limitMs;
  for (let told = false; ; told = true) {
    try {
      return await lockfile.lock(path, {
        lockfilePath: path,
        realpath: false,
        stale: staleMs,
        onCompromised,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") {
        throw error;
      }
    }
    if (Date.now() >= deadline) {
      throw new Error(
        `${doing}: another process has held the lock ${path} for ${Math.round(limitMs / 1000)} s. ` +
          `If none is at work, remove that folder and run again.`,
      );
    }
    if (!told) {
      log?.(`Waiting for another process that is ${doing} (up to ${Math.ceil(limitMs / 60_000)} min)`);
    }
    await delay(POLL_MS);
  }
}
