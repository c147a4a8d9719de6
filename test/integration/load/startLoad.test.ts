import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { startLoad } from "../../support/load/startLoad.js";
import type { Kind } from "../../support/load/types.js";

let server: Server;
let asked = 0;
afterEach(() => new Promise((resolve) => server.close(resolve)));

const limit = { timeout: 30_000, interval: 20 };

async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  asked = 0;
  server = createServer(listener as never).on("request", () => {
    asked++;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Some requests in each of two phases. */
async function load(url: string, rates: Partial<Record<Kind, number>>) {
  const running = await startLoad({ url, rates });
  await expect.poll(() => asked, limit).toBeGreaterThan(25);
  running.phase("second");
  const before = asked;
  await expect.poll(() => asked, limit).toBeGreaterThan(before + 25);
  return running.stop();
}

test("answers are counted by phase, with how long they took", async () => {
  const url = await serve((_, response) => void setTimeout(20).then(() => response.end("yes")));
  const { phases, failures } = await load(url, { keepAlive: 50, fresh: 50 });
  expect(failures).toEqual([]);
  expect(phases.map(({ name, failed }) => ({ name, failed }))).toEqual([
    { name: "start", failed: 0 },
    { name: "second", failed: 0 },
  ]);
  for (const { requests, p50Ms, p99Ms } of phases) {
    expect(requests).toBeGreaterThan(10);
    expect(p50Ms).toBeGreaterThanOrEqual(19);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
  }
});

test.each<{ what: string; kind: Kind; words: RegExp; answer: Parameters<typeof serve>[0] }>([
  {
    what: "an error of the server's",
    kind: "fresh",
    words: /^\w+, fresh: 503 none left$/,
    answer: (_, response) => response.writeHead(503).end("none left"),
  },
  {
    what: "a connection that is closed at once",
    kind: "fresh",
    words: /^\w+, fresh: socket hang up$/,
    answer: (request) => request.destroy(),
  },
  {
    what: "an answer that is cut",
    kind: "keepAlive",
    words: /^\w+, keepAlive: cut while it was read: aborted$/,
    answer: (_, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("half", () => response.destroy());
    },
  },
  {
    what: "an answer without a length that ends before its end",
    kind: "slow",
    words: /^\w+, slow: answered begun, not begun\nended$/,
    answer: (_, response) => {
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
      response.end("begun\n");
    },
  },
  {
    what: "an upload of which some is missing",
    kind: "upload",
    words: /^\w+, upload: answered 7, not 262144$/,
    answer: (request, response) => request.resume().on("end", () => response.end("7")) as never,
  },
])("$what is a failure", async ({ kind, words, answer }) => {
  const { phases, failures } = await load(await serve(answer), { [kind]: 20 });
  for (const { requests, failed } of phases) {
    expect(requests).toBeGreaterThan(0);
    expect(failed).toBe(requests);
  }
  for (const failure of failures) expect(failure).toMatch(words);
});

test("a kept connection that is closed before an answer is no failure, and is told", async () => {
  const used = new WeakSet();
  const url = await serve(({ socket }, response) => {
    if (used.has(socket)) socket.resetAndDestroy();
    else response.end("yes");
    used.add(socket);
  });
  const { phases } = await load(url, { keepAlive: 40 });
  for (const { requests, failed, retried } of phases) {
    expect(failed).toBe(0);
    expect(retried).toBeGreaterThan(0);
    expect(retried).toBeLessThan(requests);
  }
});
