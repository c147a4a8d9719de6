/**
 * `keepAlive`: over kept connections; `fresh`: each over one of its own; `http2`: each a stream of one connection over TLS, at `secure`;
 * `slow`: in flight for seconds, from `/cgi-bin/slow`, which has to answer `begun` and `ended` on lines of their own;
 * `upload`: 256 KiB to `/cgi-bin/upload`, which has to answer with their number.
 */
export type Kind = "keepAlive" | "fresh" | "slow" | "upload" | "http2";

export interface LoadOptions {
  readonly url: string;
  /** Where `http2` asks, as `https://HOST:PORT`. Default: it can't. */
  readonly secure?: string;
  /** Requests a second; kinds that are not named are not asked. */
  readonly rates: Readonly<Partial<Record<Kind, number>>>;
}

export interface PhaseReport {
  readonly name: string;
  readonly seconds: number;
  /** Those that ended in it, failed ones too. */
  readonly requests: number;
  readonly failed: number;
  /** Asked anew on another connection: a kept one was closed before its answer began, or the server refused the stream. */
  readonly retried: number;
  /** Of `keepAlive` and `fresh`, from when the request was due. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Report {
  readonly phases: readonly PhaseReport[];
  /** The first 20, in words. */
  readonly failures: readonly string[];
}
