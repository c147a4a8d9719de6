import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type HaproxyConfigInputs, haproxyConfig } from "../../../providers/berth/haproxyConfig.js";
import { unknown } from "../../../providers/kit/index.js";
import { testCall } from "./support/testCall.js";

const inputs: HaproxyConfigInputs = {
  docker: { host: "unix:///run/docker.sock" },
  container: "abc",
  config: "global\n",
  path: "/etc/haproxy/haproxy.cfg",
};
const state = { sha256: createHash("sha256").update("global\n").digest("hex"), inForce: true };

describe("an HAProxy configuration", () => {
  const check = async (given: object) => haproxyConfig.check?.(given as never, undefined, testCall());
  const diff = async (changes: object, from = state) =>
    (
      await haproxyConfig.diff?.(
        { id: "lb", state: from, oldInputs: inputs, inputs: { ...inputs, ...changes }, ignoreChanges: [] },
        testCall(),
      )
    )?.changes;

  it("lies where HAProxy's packages put it", async () => {
    const { path, ...rest } = inputs;
    expect(await check(rest)).toEqual({ inputs: { ...rest, path }, failures: [] });
  });

  it("has every mistake named", async () => {
    const given = { docker: { host: "10.0.0.1", sshOpts: [1] }, config: "", path: "haproxy.cfg" };
    expect((await check(given))?.failures).toEqual([
      { property: "docker.host", reason: 'is "10.0.0.1"; expected "unix://…" or "ssh://user@host"' },
      { property: "docker.sshOpts[0]", reason: "is 1; expected OpenSSH options" },
      { property: "container", reason: "is missing; expected a container's id" },
      { property: "config", reason: "is empty; expected the text of a haproxy.cfg" },
      { property: "path", reason: 'is "haproxy.cfg"; expected the absolute path of a file in the container' },
    ]);
  });

  it("may be unknown at a preview", async () => {
    const unknowns = { docker: unknown, container: unknown, config: unknown };
    expect((await check(unknowns))?.failures).toEqual([]);
    expect(await diff({ container: unknown })).toEqual([
      { path: "container", kind: "update", inputDiff: true },
    ]);
  });

  it("changes in place, but for its path", async () => {
    expect(await diff({})).toEqual([]);
    expect(await diff({ container: "def" })).toEqual([
      { path: "container", kind: "update", inputDiff: true },
    ]);
    expect(await diff({ config: "defaults\n" })).toEqual([
      { path: "config", kind: "update", inputDiff: true },
    ]);
    expect(await diff({ path: "/x.cfg" })).toEqual([
      { path: "path", kind: "update-replace", inputDiff: true },
    ]);
  });

  it("that a refresh found not in force is put in force again", async () => {
    expect(await diff({}, { ...state, inForce: false })).toEqual([
      { path: "inForce", kind: "update", inputDiff: false },
    ]);
  });

  it("is not destroyed with anything else than its container", async () => {
    await expect(haproxyConfig.delete("lb", state, testCall())).resolves.toBeUndefined();
  });
});
