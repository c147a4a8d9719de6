import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineProject } from "../../support/engine.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

const program = `
import { readFileSync } from "node:fs";
import * as berth from "@berth/sdk";
const want = JSON.parse(readFileSync("want.json", "utf8"));
new berth.MachineReplica("db-1-abc", want);
`;

const main = fileURLToPath(new URL("../../../providers/berth/main.ts", import.meta.url));
let project: EngineProject;
let server: Server;
/** What the server answers with, and what it was asked for. */
let status = 503;
const asked: string[] = [];

beforeAll(async () => {
  const plugins = { berth: [process.execPath, ...typeScriptArguments(main)] };
  project = await EngineProject.create({ program, plugins });
  server = createServer((request, response) => {
    asked.push(`${request.headers.host} ${request.method} ${request.url}`);
    // As a guest that becomes ready meanwhile.
    if (asked.length === 3) status = 204;
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server?.close();
  project?.discard();
});

const check = (more: object = {}) => ({
  ...{ type: "http", method: "GET", host: "db", path: "/up", status: "200-204", timeout: "2s" },
  ...more,
});
const want = (more: object = {}) =>
  project.write(
    "want.json",
    JSON.stringify({
      ...{ replica: "db-1", hypervisor: "local", guest: "db-1-abc", domain: "uuid-1", address: "127.0.0.1" },
      port: (server.address() as AddressInfo).port,
      health: check(),
      readyTimeout: "1m",
      ...more,
    }),
  );

test("a replica is there when its machine answers, is waited for again as another one, and says what came instead", async () => {
  want();
  expect(await project.plan()).toEqual({ create: ["db-1-abc", "program-dev"] });
  await project.up();
  expect(asked).toEqual(Array(3).fill("db GET /up"));
  await project.up("--refresh", "--expect-no-changes");
  expect(asked).toHaveLength(3);

  want({ domain: "uuid-2" });
  expect(await project.plan()).toEqual({ update: ["db-1-abc"] });
  await project.up();
  expect(asked).toHaveLength(4);

  want({
    domain: "uuid-3",
    health: check({ path: "/no", status: "200-203,304" }),
    readyTimeout: "2s",
  });
  await expect(project.up()).rejects.toThrow(
    /db-1: machine db-1-abc did not answer 200-203,304 on http:\/\/127\.0\.0\.1:\d+\/no within 2s\. Its last answer: 204/,
  );
  want({ domain: "uuid-3", health: check({ type: "tcp" }) });
  await project.up();
  expect(asked).not.toContain("db GET /");

  want({ domain: "uuid-3", health: check({ path: "up", status: "20", timeout: "soon" }), port: 0 });
  await expect(project.up()).rejects.toThrow(/health\.path.*expected one that begins with "\/"/s);
});
