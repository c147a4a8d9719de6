import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { jsonLog } from "../../../components/haproxy/jsonLog.js";
import { ensurePackages } from "../../../toolchain/apt.js";

/** What HAProxy itself writes, for whatever a client sends. */
const folder = mkdtempSync(join(tmpdir(), "berth-json-log-"));
const socketOf = (mode: "http" | "tcp") => join(folder, `${mode}.sock`);
let haproxy: ChildProcessByStdio<null, Readable, null>;
let lines: AsyncIterator<string>;

beforeAll(async () => {
  await ensurePackages(["haproxy"], console.log);
  const file = join(folder, "haproxy.cfg");
  const frontend = (mode: "http" | "tcp", answer: string) =>
    `frontend ${mode}\n mode ${mode}\n bind unix@${socketOf(mode)}\n log-format '${jsonLog(mode)}'\n ${answer}\n`;
  writeFileSync(
    file,
    `global
 log stdout format raw local0
defaults
 log global
 timeout client 10s
 timeout connect 10s
 timeout server 10s
${frontend("http", "http-request return status 200")}${frontend("tcp", "tcp-request content reject")}`,
  );
  haproxy = spawn("/usr/sbin/haproxy", ["-db", "-f", file], { stdio: ["ignore", "pipe", "inherit"] });
  lines = createInterface({ input: haproxy.stdout })[Symbol.asyncIterator]();
  await vi.waitUntil(() => existsSync(socketOf("http")) && existsSync(socketOf("tcp")), 10_000);
});
afterAll(async () => {
  const ended = once(haproxy, "close");
  haproxy.kill("SIGKILL");
  await ended;
  rmSync(folder, { recursive: true });
});

/** The line of a connection on which this is sent, if anything. */
async function logged(mode: "http" | "tcp", sent?: string): Promise<Record<string, unknown>> {
  const socket = connect(socketOf(mode));
  if (sent !== undefined) socket.end(sent);
  await text(socket);
  return JSON.parse((await lines.next()).value);
}

test("any target of a request comes back as it was sent", async () => {
  const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
  const target = fc.string({ unit: fc.oneof(visible, fc.constantFrom('"', "\\", "]", "'", "/", "%")) });
  await fc.assert(
    fc.asyncProperty(target, async (rest) => {
      // HAProxy does not take a fragment, which no client sends.
      const uri = `/${rest.replaceAll("#", "")}`;
      expect(await logged("http", `GET ${uri} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).toEqual({
        time: expect.stringMatching(/^\d+\/\w+\/\d+:[\d:.]+$/),
        client: "unix",
        frontend: "http",
        backend: "http",
        server: "<NOSRV>",
        termination: "LR--",
        method: "GET",
        uri,
        version: "HTTP/1.1",
        client_port: expect.any(Number),
        bytes: expect.any(Number),
        duration_ms: expect.any(Number),
        connections: 1,
        status: 200,
      });
    }),
    { numRuns: 100 },
  );
});

test("what is no request of HTTP is a line of JSON too", async () => {
  const anything = fc.string({ unit: "binary", minLength: 1 }).filter((sent) => !sent.includes("HTTP/"));
  await fc.assert(
    fc.asyncProperty(anything, async (sent) => {
      expect(await logged("http", `\u0001${sent}\r\n\r\n`)).toMatchObject({ uri: "-", status: 400 });
    }),
    { numRuns: 30 },
  );
});

test("a connection of mode tcp has a line without what is HTTP's", async () => {
  const line = await logged("tcp");
  expect(Object.keys(line)).toEqual([
    ...["time", "client", "frontend", "backend", "server", "termination"],
    ...["client_port", "bytes", "duration_ms", "connections"],
  ]);
  expect(line["time"]).toMatch(/^\d+\/\w+\/\d+:[\d:.]+$/);
});
