import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { Http2Client } from "./http2Client.js";
import type { Kind, LoadOptions, PhaseReport, Report } from "./types.js";
import { Unprocessed } from "./unprocessed.js";

/**
 * A program of its own, in the network that it is started in: requests at a fixed rate, whether or not earlier ones were answered.
 * Reads `phase NAME` and `stop` from its standard input. Prints `running` when the first request has ended, and at the end a
 * report.
 */
const options = JSON.parse(process.argv[2]!) as LoadOptions;
const url = new URL(options.url);
const limitMs = 30_000;
/** How many failures are told in words. */
const told = 20;
const tickMs = 10;
const uploadBytes = 256 * 1024;

class Phase {
  requests = 0;
  failed = 0;
  retried = 0;
  readonly latencies: number[] = [];
  readonly began = performance.now();
  ended: number | undefined;

  constructor(readonly name: string) {}

  report(): PhaseReport {
    const sorted = Float64Array.from(this.latencies).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const seconds = ((this.ended ?? performance.now()) - this.began) / 1000;
    const { name, requests, failed, retried } = this;
    return { name, seconds, requests, failed, retried, p50Ms: at(0.5), p99Ms: at(0.99) };
  }
}

const phases = [new Phase("start")];
const failures: string[] = [];
const pending = new Set<Promise<void>>();
const kept = new Agent({ keepAlive: true });
const fresh = new Agent({ keepAlive: false });
const http2 = new Http2Client(options.secure ?? "", limitMs);

/** What is asked, and what the answer has to be. */
const kinds: Record<
  Exclude<Kind, "http2">,
  { agent: Agent; path: string; body?: Buffer; expect?: string }
> = {
  keepAlive: { agent: kept, path: url.pathname },
  fresh: { agent: fresh, path: url.pathname },
  // It has no length that would tell whether it is whole.
  slow: { agent: fresh, path: "/cgi-bin/slow", expect: "begun\nended" },
  upload: {
    agent: fresh,
    path: "/cgi-bin/upload",
    body: Buffer.alloc(uploadBytes, "x"),
    expect: `${uploadBytes}`,
  },
};

async function ask(kind: Kind): Promise<void> {
  // Where it ends is where it counts: a request that a change has cut belongs to the change.
  const due = performance.now();
  try {
    await exchange(kind);
    // Requests in flight for seconds, by their nature, say nothing of the time that an answer takes.
    if (kind === "keepAlive" || kind === "fresh") phases.at(-1)!.latencies.push(performance.now() - due);
  } catch (error) {
    phases.at(-1)!.failed++;
    if (failures.length < told) {
      failures.push(`${phases.at(-1)!.name}, ${kind}: ${(error as Error).message}`);
    }
  }
  if (phases.length === 1 && phases[0]!.requests === 0) process.stdout.write("running\n");
  phases.at(-1)!.requests++;
}

/** A kept connection may be closed by the other side just as a request goes out: the client then asks anew (RFC 9110, 9.2.2). */
async function exchange(kind: Kind): Promise<void> {
  try {
    await once(kind);
  } catch (error) {
    if (!(error instanceof Unprocessed)) throw error;
    phases.at(-1)!.retried++;
    await once(kind, fresh);
  }
}

async function once(kind: Kind, agent?: Agent): Promise<void> {
  if (kind !== "http2") return over(agent ?? kinds[kind].agent, kind);
  const { status, text } = await http2.get(url.pathname);
  if (status !== 200) throw new Error(`${status} ${text.slice(0, 100)}`);
}

function over(agent: Agent, kind: Exclude<Kind, "http2">): Promise<void> {
  const { path, body, expect } = kinds[kind];
  const method = body ? "POST" : "GET";
  return new Promise((resolve, reject) => {
    const out = request({ host: url.hostname, port: url.port || 80, path, method, agent, timeout: limitMs });
    out.on("timeout", () => out.destroy(new Error(`no answer within ${limitMs / 1000} s`)));
    out.on("error", ({ message }) =>
      reject(out.reusedSocket && method === "GET" ? new Unprocessed(message) : new Error(message)),
    );
    out.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", ({ message }) => reject(new Error(`cut while it was read: ${message}`)));
      response.on("end", () => {
        if (!response.complete) reject(new Error("cut before its end"));
        else if (response.statusCode !== 200)
          reject(new Error(`${response.statusCode} ${text.slice(0, 100)}`));
        else if (expect !== undefined && text.trim() !== expect) {
          reject(new Error(`answered ${text.trim().slice(0, 100)}, not ${expect}`));
        } else resolve();
      });
    });
    out.end(body);
  });
}

const owed = new Map<Kind, number>();
let last = performance.now();
const ticking = setInterval(() => {
  const now = performance.now();
  for (const [kind, rate] of Object.entries(options.rates) as [Kind, number][]) {
    let due = (owed.get(kind) ?? 0) + (rate * (now - last)) / 1000;
    for (; due >= 1; due--) {
      const asking = ask(kind);
      pending.add(asking);
      void asking.then(() => pending.delete(asking));
    }
    owed.set(kind, due);
  }
  last = now;
}, tickMs);

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "stop") break;
  if (!line.startsWith("phase ")) continue;
  phases.at(-1)!.ended = performance.now();
  phases.push(new Phase(line.slice("phase ".length)));
}
clearInterval(ticking);
while (pending.size > 0) await Promise.all(pending);
kept.destroy();
http2.close();
const report: Report = { phases: phases.map((phase) => phase.report()), failures };
process.stdout.write(`${JSON.stringify(report)}\n`);
