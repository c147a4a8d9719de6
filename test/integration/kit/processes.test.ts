import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { status } from "@grpc/grpc-js";
import { expect } from "vitest";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";
import { boxUrn, Client } from "./support/client.js";
import { test } from "./support/kitTest.js";
import { secret } from "./support/wire.js";

const plugin = typeScriptArguments(fileURLToPath(new URL("support/boxPlugin.ts", import.meta.url)));
const parent = fileURLToPath(new URL("support/parent.mjs", import.meta.url));

/** The plugin's first line; afterwards its output is read to the end, so that its end is seen. */
async function portOf(child: ChildProcess): Promise<number> {
  const lines = createInterface({ input: child.stdout! });
  const [line] = await once(lines, "line");
  return Number(line);
}

test("a plugin ends when its standard input does: the engine that held it is gone", async ({
  engine,
  folder,
}) => {
  const child = spawn(process.execPath, [...plugin, engine.address], { stdio: ["pipe", "pipe", "inherit"] });
  const client = new Client(await portOf(child));
  await client.configure({ folder });
  const call = client.create(boxUrn, { label: "a", behaviour: "hang" }).catch((error) => error.details);
  await engine.line(({ ephemeral }) => ephemeral);
  const ended = once(child, "exit");
  child.stdin.end();
  expect(await call).toMatch(/^create was cut short: the engine is gone/);
  expect(await ended).toEqual([0, null]);
  client.close();
});

test("a plugin whose parent is killed ends by itself, even in a call that takes no notice", async ({
  engine,
  folder,
}) => {
  const child = spawn(process.execPath, [parent, ...plugin, engine.address], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const client = new Client(await portOf(child));
  await client.configure({ folder });
  const call = client.create(boxUrn, { label: "a", behaviour: "ignore" }).catch((error) => error);
  await engine.line(({ ephemeral }) => ephemeral);
  // The plugin holds the other end of this pipe for as long as it lives.
  const ended = once(child.stdout!, "close");
  child.kill("SIGKILL");
  await ended;
  expect(await call).toBeInstanceOf(Error);
  client.close();
});

test("a plugin that is interrupted answers its calls and ends in time", async ({ engine, folder }) => {
  const child = spawn(process.execPath, [...plugin, engine.address], { stdio: ["pipe", "pipe", "inherit"] });
  const client = new Client(await portOf(child));
  await client.configure({ folder });
  const call = client.create(boxUrn, { label: "a", behaviour: "hang", password: secret("swordfish") });
  const answer = call.catch((error) => error);
  await engine.line(({ ephemeral }) => ephemeral);
  const ended = once(child, "exit");
  child.kill("SIGINT");
  expect(await answer).toMatchObject({
    code: status.CANCELLED,
    details: "create was cut short by SIGINT: last thing it waited for: waiting for somebody with [secret]",
  });
  expect(await ended).toEqual([0, null]);
  client.close();
});

test("an error outside of any call is reported and ends the plugin, its calls first", async ({
  engine,
  folder,
}) => {
  const child = spawn(process.execPath, [...plugin, engine.address], { stdio: ["pipe", "pipe", "inherit"] });
  const client = new Client(await portOf(child));
  await client.configure({ folder });
  const call = client.create(boxUrn, { label: "a", behaviour: "hang", password: secret("swordfish") });
  const answer = call.catch((error) => error);
  await engine.line(({ ephemeral }) => ephemeral);
  const ended = once(child, "exit");
  await client.invoke("box:index:explode", { password: "swordfish" });
  expect(await answer).toMatchObject({
    code: status.CANCELLED,
    details: expect.stringMatching(
      /^create was cut short by an error elsewhere in the provider: boom \[secret\]/,
    ),
  });
  expect(await ended).toEqual([1, null]);
  const error = engine.lines.find(({ severity }) => severity === "error");
  expect(error).toMatchObject({
    message: 'provider "box" failed outside of any call: boom [secret]',
    urn: "",
  });
  client.close();
});
