import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../say.js";
import type { Store } from "./store.js";

const prefix = "locks/";
/** Two that begin at the same moment both see the other, and step back. */
const attempts = 3;
const stepBackMs = 500;
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** For how long a lock counts that is not renewed. Default: a minute. */
export interface LeaseTimes {
  readonly staleMs: number;
}

/**
 * A repository's lock: an object of each run that wants it, put again and again while the run lasts. Who puts one and then
 * finds no other has the repository. That takes no more of a store than that its lists have what was put; times are those of
 * the store's clock.
 */
export class Lease {
  readonly #store: Store;
  readonly #key: string;
  readonly #what: string;
  readonly #holdMs: number;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #interrupt = (name: string) => this.#lost.abort(new Error(`${this.#what}: stopped by ${name}`));
  /** By this machine's clock, which goes on while the machine sleeps. */
  #until: number;
  #renewing: Promise<void> | undefined;

  private constructor(store: Store, key: string, what: string, began: number, { staleMs }: LeaseTimes) {
    this.#store = store;
    this.#key = key;
    this.#what = what;
    // Given up well before another run may take it.
    this.#holdMs = staleMs * 0.75;
    this.#until = began + this.#holdMs;
    this.#timer = setInterval(() => this.#tick(), staleMs / 6);
    for (const name of interruptions) process.once(name, this.#interrupt);
  }

  /** @throws UserError where another run has the repository */
  static async take(store: Store, what: string, times: LeaseTimes = { staleMs: 60_000 }): Promise<Lease> {
    const key = `${prefix}${hostname().replaceAll(/[^\w.-]/g, "_")}.${process.pid}.${randomBytes(4).toString("hex")}`;
    for (let attempt = 1; ; attempt++) {
      const began = Date.now();
      await store.put(key, Buffer.from(`${what}\n`));
      const other = await findOther(store, key, times.staleMs).catch(async (error: unknown) => {
        await store.delete(key).catch(() => {});
        throw error;
      });
      if (other === undefined) return new Lease(store, key, what, began, times);
      await store.delete(key);
      if (attempt === attempts) {
        const [, host, pid] = /^(.*)\.(\d+)\.\w+$/.exec(other.slice(prefix.length)) ?? [];
        throw new UserError(
          `${what}: another run is at work in ${store.where}${host === undefined ? "" : ` (process ${pid} on ${host})`}. Wait for its end; one that was killed is forgotten after a minute.`,
        );
      }
      await delay(stepBackMs * Math.random());
    }
  }

  /** Aborted where the lock is lost, or this process is told to stop. */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** To be called before what must not happen without the lock. @throws where it is lost */
  requireHeld(): void {
    if (Date.now() >= this.#until) this.#lose();
    this.signal.throwIfAborted();
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    for (const name of interruptions) process.off(name, this.#interrupt);
    await this.#renewing;
    // What stays is forgotten after a minute.
    await this.#store.delete(this.#key).catch(() => {});
  }

  #tick(): void {
    if (Date.now() >= this.#until) this.#lose();
    else this.#renewing ??= this.#renew();
  }

  async #renew(): Promise<void> {
    const began = Date.now();
    try {
      await this.#store.put(this.#key, Buffer.from(`${this.#what}\n`));
      this.#until = began + this.#holdMs;
    } catch {
      // There is time for another try.
    } finally {
      this.#renewing = undefined;
    }
  }

  #lose(): void {
    const why = `${this.#what}: its lock in ${this.#store.where} could not be renewed for ${this.#holdMs / 1000} s, and another run may have begun. Run it again.`;
    this.#lost.abort(new Error(why));
  }
}

/** Another run's lock that counts; those that don't are removed. */
async function findOther(store: Store, own: string, staleMs: number): Promise<string | undefined> {
  const keys = await store.list(prefix);
  const now = await store.timeOf(own);
  if (now === undefined || !keys.includes(own)) {
    throw new UserError(
      `${store.where} does not show what was just put there, so that two runs could harm one another. Take a store with consistent lists.`,
    );
  }
  for (const key of keys) {
    if (key === own) continue;
    const renewed = await store.timeOf(key);
    if (renewed === undefined) continue; // It has ended meanwhile.
    if (now.getTime() - renewed.getTime() < staleMs) return key;
    await store.delete(key);
  }
  return undefined;
}
