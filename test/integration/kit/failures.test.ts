import { existsSync } from "node:fs";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { describe, expect } from "vitest";
import { boxUrn, partialFailure } from "./support/client.js";
import { test, token } from "./support/kitTest.js";
import { secret } from "./support/wire.js";

const password = secret("swordfish");

describe("errors", () => {
  test("are one line without stack or secrets, and do not make the engine doubt its state", async ({
    client,
    engine,
  }) => {
    const failing = client.create(boxUrn, { label: "a", password, behaviour: "fail" });
    await expect(failing).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: "no room for a box with password [secret]",
    });
    expect(engine.lines.filter(({ severity }) => severity === "debug")).toEqual([]);
  });

  test("that are bugs leave their stack in the debug log alone", async ({ client, engine }) => {
    const error = await client.create(boxUrn, { label: "a", behaviour: "bug" }).catch((caught) => caught);
    expect(error).toMatchObject({
      code: status.INTERNAL,
      details: "Cannot read properties of undefined (reading 'trim')",
    });
    const stack = await engine.line(({ severity }) => severity === "debug");
    expect(stack).toMatchObject({ urn: boxUrn, ephemeral: false });
    expect(stack.message).toMatch(/TypeError: Cannot read properties.*\n\s+at .*boxProvider/);
  });
});

describe("partial failures", () => {
  test("of a creation record what was made", async ({ client, folder }) => {
    const inputs = { label: "a", password, behaviour: "partial" };
    const error = await client.create(boxUrn, inputs).catch((caught) => caught);
    expect(error).toMatchObject({
      code: status.UNKNOWN,
      details: "the lid of box-a does not close on [secret]",
    });
    expect(partialFailure(error)).toEqual({
      id: "box-a",
      state: { ...inputs, serial: secret("serial-of-a"), revision: 1 },
      inputs,
      reasons: ["the lid of box-a does not close on [secret]"],
    });
    expect(existsSync(join(folder, "box-a.json"))).toBe(true);
  });

  test("of an update record what it has become", async ({ client }) => {
    const oldInputs = { label: "a" };
    const state = { label: "a", serial: secret("serial-of-a"), revision: 1 };
    const inputs = { label: "a", password, behaviour: "partial" };
    const error = await client
      .update(boxUrn, "box-a", { state, oldInputs, inputs })
      .catch((caught) => caught);
    expect(partialFailure(error).state).toEqual({ ...inputs, serial: secret("serial-of-a"), revision: 2 });
  });
});

describe("time-outs", () => {
  test("end a wait and say what it was for", async ({ client }) => {
    const waiting = client.create(boxUrn, { label: "a", password, behaviour: "hang" }, { timeout: 0.2 });
    await expect(waiting).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
      details: "create timed out after 200ms: last thing it waited for: waiting for somebody with [secret]",
    });
  });

  test("end the call of a handler that takes no notice", async ({ client }) => {
    const waiting = client.create(boxUrn, { label: "a", behaviour: "ignore" }, { timeout: 0.2 });
    await expect(waiting).rejects.toMatchObject({
      code: status.UNKNOWN,
      details:
        "create timed out after 200ms: last thing it waited for: a lock; it did not stop when asked to",
    });
  });
});

test("cancel ends all calls", async ({ client, engine }) => {
  const waiting = ["a", "b"].map((label) =>
    client.create(boxUrn, { label, behaviour: "hang" }).catch((error) => error.details),
  );
  await engine.line(({ ephemeral }) => ephemeral);
  await client.cancel();
  const said = await Promise.all(waiting);
  expect(said[0]).toBe("create was cancelled: last thing it waited for: waiting for somebody with undefined");
  expect(said[1]).toMatch(/^create was cancelled/);
});

test("log and status lines reach the engine in order, at their resource, without secrets", async ({
  client,
  engine,
}) => {
  await client.create(boxUrn, { label: "a", password, behaviour: "hang" }, { timeout: 0.1 }).catch(() => {});
  expect(engine.lines).toEqual([
    { severity: "info", message: "making box-a with [secret] and [secret]", urn: boxUrn, ephemeral: false },
    { severity: "info", message: "waiting for somebody with [secret]", urn: boxUrn, ephemeral: true },
  ]);
  expect(JSON.stringify(engine.lines)).not.toContain(token);
});
