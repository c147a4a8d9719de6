import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 50;

/**
 * Waits until `check` gives something other than undefined or false.
 * @param what what is waited for, for the error: "dockerd answers on /run/…"
 * @param limitMs milliseconds until it is given up
 * @param hint called for the error's second line: where to look, the end of a log
 */
export async function waitFor<T>(
  what: string,
  limitMs: number,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  hint: () => Promise<string> | string = () => "",
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const result = await check();
    if (result !== undefined && result !== false) {
      return result;
    }
    if (Date.now() >= deadline) {
      const more = await hint();
      throw new Error(
        `Waited ${Math.round(limitMs / 1000)} s for: ${what}.${more === "" ? "" : `\n${more}`}`,
      );
    }
    await delay(POLL_MS);
  }
}
