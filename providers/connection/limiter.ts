import { abortable } from "./abortable.js";

/** Lets at most `size` holders in at a time; the others wait in order. */
export class Limiter {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** Resolves to a function that gives the place back; calling it again does nothing. Rejects with the signal's reason. */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return this.#leave();
    }
    let admit = (): void => {};
    const turn = new Promise<void>((resolve) => {
      admit = resolve;
    });
    this.#waiting.push(admit);
    try {
      await abortable(turn, signal);
    } catch (error) {
      const index = this.#waiting.indexOf(admit);
      if (index >= 0) this.#waiting.splice(index, 1);
      else this.#pass();
      throw error;
    }
    return this.#leave();
  }

  #leave(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#pass();
    };
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
