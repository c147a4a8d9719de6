import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Backup } from "../../../cli/backup/repository/manifest.js";
import { Repository } from "../../../cli/backup/repository/repository.js";
import { s3Failure } from "../../../cli/backup/repository/s3Failure.js";
import { S3Store } from "../../../cli/backup/repository/s3Store.js";
import { storeFile } from "../../../cli/backup/repository/storedFiles.js";
import { stubS3Environment } from "../../support/backup/s3Environment.js";

/** Answers a request in the place of the store. @returns whether it did */
type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** An S3 store that has faults: path-style, without signatures. */
let server: Server;
let store: S3Store;
/** The same one, for where it does not answer. */
let impatient: S3Store;
let objects: Map<string, Buffer>;
/** The next faults, one a request; `undefined` for a request that is answered well. */
let faults: (Fault | undefined)[];
/** Of each request from here on. */
let always: Fault | undefined;
/** Methods, as they came. */
let asked: string[];
let atOnce: { now: number; most: number };

const answer = (status: number, body = "", type = "application/xml") => {
  const fault: Fault = (_, response) => {
    response.writeHead(status, { "content-type": type }).end(body);
    return true;
  };
  return fault;
};
const refuse = (status: number, code: string, more = "") =>
  answer(status, `<Error><Code>${code}</Code><Message>of a test</Message>${more}</Error>`);
const cut: Fault = (_, response) => {
  response.socket?.destroy();
  return true;
};
const silence: Fault = () => true;

beforeEach(async () => {
  objects = new Map();
  faults = [];
  always = undefined;
  asked = [];
  atOnce = { now: 0, most: 0 };
  server = createServer((request, response) => void serve(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  stubS3Environment(`http://127.0.0.1:${port}`, { access: "key", secret: "the secret" });
  store = await S3Store.at("bucket", "of/test");
  impatient = await S3Store.at("bucket", "of/test", { connectMs: 5000, answerMs: 300, totalMs: 10_000 });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  asked.push(request.method!);
  atOnce.most = Math.max(atOnce.most, ++atOnce.now);
  response.on("close", () => {
    atOnce.now -= 1;
  });
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const url = new URL(request.url!, "http://x");
  const key = url.pathname.slice("/bucket/".length);
  const isListed = url.searchParams.has("list-type");
  const fault = faults.shift() ?? always;
  if (request.method === "PUT" && fault !== undefined && lost.has(fault))
    objects.set(key, Buffer.concat(parts));
  if (fault?.(request, response)) return;
  const isThere = objects.has(key);
  if (request.method === "PUT") {
    if (request.headers["if-none-match"] === "*" && isThere) {
      refuse(412, "PreconditionFailed")(request, response);
      return;
    }
    objects.set(key, Buffer.concat(parts));
    response.end();
  } else if (isListed) {
    const prefix = url.searchParams.get("prefix")!;
    const keys = [...objects.keys()].filter((one) => one.startsWith(prefix));
    const rows = keys.map((one) => `<Contents><Key>${one}</Key></Contents>`).join("");
    answer(200, `<ListBucketResult>${rows}</ListBucketResult>`)(request, response);
  } else if (!isThere) {
    refuse(404, "NoSuchKey")(request, response);
  } else {
    response.writeHead(200, { "last-modified": new Date().toUTCString() });
    response.end(request.method === "GET" ? objects.get(key) : undefined);
  }
}

/** Does what it is asked, and does not get to say so. */
const lostAnswer: Fault = (request, response) => cut(request, response);
const lost = new Set([lostAnswer]);

const content = randomBytes(100_000);
const message = (work: Promise<unknown>) =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );

test("what goes wrong once or twice is tried again", async () => {
  faults = [refuse(503, "SlowDown"), cut, refuse(500, "InternalError")];
  await store.put("chunks/0a/x", content);
  expect(asked).toEqual(["PUT", "PUT", "PUT", "PUT"]);
  faults = [cut, refuse(503, "ServiceUnavailable")];
  expect(await store.get("chunks/0a/x")).toEqual(content);
  faults = [refuse(503, "SlowDown")];
  expect(await store.list("chunks/")).toEqual(["chunks/0a/x"]);
  faults = [silence];
  expect(await impatient.timeOf("chunks/0a/x")).toBeInstanceOf(Date);
  expect([...objects.keys()]).toEqual(["of/test/chunks/0a/x"]);
});

test("an answer that breaks off is asked for again, and never taken for all of it", async () => {
  await store.put("chunks/0a/x", content);
  const half: Fault = (_, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 50_000), () => response.socket?.destroy());
    return true;
  };
  const stuck: Fault = (_, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 50_000));
    return true;
  };
  faults = [half, stuck];
  expect(await impatient.get("chunks/0a/x")).toEqual(content);
  always = half;
  expect(await message(store.get("chunks/0a/x"))).toMatch(/reading chunks\/0a\/x failed|can't be reached/);
});

test("tries have an end, and so has each wait", async () => {
  always = refuse(503, "ServiceUnavailable");
  expect(await message(store.put("backups/x", content))).toMatch(/is overloaded. Run it again later/);
  expect(asked).toHaveLength(6);
  always = silence;
  expect(await message(impatient.get("backups/x"))).toMatch(/did not answer in time, reading backups\/x/);
});

test("a backup whose answer is lost on its way is there, once", async () => {
  const repository = await Repository.open(store, "a passphrase", {});
  faults = [lostAnswer];
  const backup = { id: "web-1-1", taken: "now" } as Backup;
  await repository.putBackup(backup);
  expect(await repository.backups()).toEqual([backup]);
  await expect(repository.putBackup(backup)).rejects.toThrow('has another backup "web-1-1" already');
});

test("so is a repository", async () => {
  faults = [undefined, lostAnswer];
  const { name } = await (await Repository.open(store, "a passphrase", {})).putChunk(content);
  expect(await (await Repository.open(store, "a passphrase")).getChunk(name)).toEqual(content);
});

test("a store without conditional writes is asked first", async () => {
  always = (request, response) =>
    request.headers["if-none-match"] !== undefined && refuse(501, "NotImplemented")(request, response);
  expect(await store.putNew("backups/x", Buffer.from("1"))).toBe(true);
  expect(await store.putNew("backups/x", Buffer.from("2"))).toBe(false);
  expect((await store.get("backups/x")).toString()).toBe("1");
});

test("who meets another that puts the same tries again", async () => {
  faults = [refuse(409, "ConditionalRequestConflict"), refuse(409, "ConditionalRequestConflict")];
  expect(await store.putNew("backups/x", content)).toBe(true);
  faults = [refuse(409, "ConditionalRequestConflict")];
  expect(await store.putNew("backups/x", content)).toBe(false);
  always = refuse(409, "ConditionalRequestConflict");
  expect(await message(store.putNew("backups/y", content))).toMatch(/writing backups\/y failed/);
});

test("a file is stored by so many requests at once, and no more", { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "berth-s3-faults-"));
  // Also where too few requests come, and the test ends at its limit.
  onTestFinished(() => rm(folder, { recursive: true }));
  const repository = await Repository.open(store, undefined, { chunkBytes: 4096 });
  // The first are answered when all that may be on their way have come, and a moment later, in which one too many would have.
  const held: ServerResponse[] = [];
  const answerHeld = () => {
    for (const one of held) one.end();
  };
  always = ({ method }, response) => {
    if (method !== "PUT") return false;
    if (held.length === 16) response.end();
    else if (held.push(response) === 16) setTimeout(answerHeld, 200);
    return true;
  };
  await writeFile(join(folder, "disk"), randomBytes(100 * 4096));
  await storeFile(repository, join(folder, "disk"), new AbortController().signal);
  expect(atOnce.most).toBe(16);
});

test.each([
  [
    answer(200, "<!doctype html><p>Hello", "text/html"),
    /what answers at http:.* is no S3 store \(HTTP 200\)/,
  ],
  [answer(404, "<!doctype html><p>Not here", "text/html"), /is no S3 store/],
  [answer(403), /listing backups\/ is denied/],
  [refuse(403, "ExpiredToken"), /the credentials have expired/],
  [refuse(403, "RequestTimeTooSkewed"), /this machine's clock .* differ by more than it takes. Set this one/],
  [
    refuse(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
    /"bucket" is in another region, eu-west-3. Set AWS_REGION/,
  ],
  [refuse(409, "OperationAborted"), /listing backups\/ failed \(OperationAborted\): of a test/],
] as const)("an answer of no use: %#", async (fault, expected) => {
  always = fault;
  const text = await message(store.list("backups/"));
  expect(text).toMatch(expected);
  expect(text).toMatch(/^s3:\/\/bucket\/of\/test: /);
  expect(text).not.toMatch(/the secret|\n/);
});

test("a certificate that is not trusted is told", () => {
  const error = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  const request = { where: "s3://b", bucket: "b", answering: "https://s3.example.org", doing: "reading x" };
  expect(s3Failure(error, request).message).toBe(
    "s3://b: the certificate of https://s3.example.org is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT). Give its authority's in NODE_EXTRA_CA_CERTS.",
  );
});
