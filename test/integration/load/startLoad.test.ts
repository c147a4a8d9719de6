import { createServer, type Server } from "node:http";
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { issueCertificate } from "../../../providers/berth/issueCertificate.js";
import { startLoad } from "../../support/load/startLoad.js";
import type { Kind } from "../../support/load/types.js";

let server: Server | Http2SecureServer;
let asked = 0;
let ended = new AbortController();
afterEach(async () => {
  ended.abort();
  ended = new AbortController();
  await new Promise((resolve) => server.close(resolve));
});

const limit = { timeout: 30_000, interval: 20 };

async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  asked = 0;
  server = createServer(listener as never).on("request", () => {
    asked++;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function serveStreams(listener: (stream: ServerHttp2Stream) => void): Promise<string> {
  asked = 0;
  const names = { commonName: "web", dnsNames: [], ipAddresses: ["127.0.0.1"], validityDays: 1 };
  const { certificate, privateKey } = (await issueCertificate(names, new Date())).state;
  const secure = createSecureServer({ cert: certificate, key: privateKey });
  // Node's own end of a server waits for them.
  secure.on("session", (session) => ended.signal.addEventListener("abort", () => session.destroy()));
  secure.on("stream", (stream) => {
    asked++;
    stream.on("error", () => {});
    listener(stream);
  });
  server = secure;
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  return `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
}

/** Some requests in each of two phases. */
async function load(url: string, rates: Partial<Record<Kind, number>>, secure?: string) {
  const running = await startLoad({ url, rates, ...(secure && { secure }) });
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

const yes = (stream: ServerHttp2Stream) => {
  stream.respond({ ":status": 200 });
  stream.end("yes");
};

test("over HTTP/2 a stream that the server refuses is asked anew, and is told", async () => {
  const secure = await serveStreams((stream) => {
    if (asked % 5 === 0) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else yes(stream);
  });
  const { phases, failures } = await load("http://127.0.0.1/", { http2: 40 }, secure);
  expect(failures).toEqual([]);
  for (const { requests, retried } of phases) {
    expect(retried).toBeGreaterThan(0);
    expect(retried).toBeLessThan(requests);
  }
});

test("over HTTP/2 a stream that is cut is a failure", async () => {
  const secure = await serveStreams((stream) => {
    stream.respond({ ":status": 200 });
    stream.write("half", () => stream.destroy(new Error("cut")));
  });
  const { phases, failures } = await load("http://127.0.0.1/", { http2: 40 }, secure);
  for (const { requests, failed } of phases) expect(failed).toBe(requests);
  for (const failure of failures) expect(failure).toMatch(/^\w+, http2: .*INTERNAL_ERROR/);
});
