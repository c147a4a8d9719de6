import { describe, expect, it } from "vitest";
import { dockerEngine } from "../../../../providers/berth/dockerEngine.js";
import { driftedInputs, flagChanges, liveFlags } from "../../../../providers/berth/engine/drift.js";
import type { EngineInputs } from "../../../../providers/berth/engine/types.js";
import { testCall } from "../support/testCall.js";
import { facts } from "./facts.js";

const inputs: EngineInputs = {
  connection: { host: "10.0.0.2", user: "berth", privateKey: "secret", hostKey: "ssh-ed25519 AAAA" },
  machine: "uuid-1",
  daemon: { "live-restore": true },
  certificates: { "10.0.0.1:5000": "PEM" },
  package: "docker.io",
  bootTimeout: "10m",
};
const settled = {
  daemon: '{"live-restore": true}',
  certificates: [{ registry: "10.0.0.1:5000", pem: "PEM\n", ours: true }],
};
const state = {
  version: "20.10.24",
  machineId: "m",
  engineId: "e",
  running: true,
  enabled: true,
  access: true,
  yields: true,
  handsOver: true,
};

describe("drift of a Docker engine", () => {
  it("is none where all is as it was", () => {
    expect(driftedInputs(inputs, facts(settled))).toEqual(inputs);
    expect(flagChanges({ ...state, ...liveFlags(facts(settled)) })).toEqual([]);
  });

  it.each([
    ["a changed daemon.json", '{"debug": true}', { debug: true }],
    ["a removed one", undefined, {}],
    ["one that is no JSON", "{ oops", { "not JSON": "{ oops" }],
  ])("is %s", (_, daemon, expected) => {
    expect(driftedInputs(inputs, facts({ ...settled, daemon })).daemon).toEqual(expected);
  });

  it("is a certificate that is missing, changed, or ours and not wanted; not somebody else's", () => {
    const found = (certificates: { registry: string; pem: string; ours: boolean }[]) =>
      driftedInputs(inputs, facts({ ...settled, certificates })).certificates;
    expect(found([])).toEqual({});
    expect(found([{ registry: "10.0.0.1:5000", pem: "OTHER", ours: true }])).toEqual({
      "10.0.0.1:5000": "OTHER",
    });
    expect(found([...settled.certificates, { registry: "left.example", pem: "P", ours: true }])).toEqual({
      "10.0.0.1:5000": "PEM",
      "left.example": "P",
    });
    expect(found([...settled.certificates, { registry: "admin.example", pem: "P", ours: false }])).toEqual({
      "10.0.0.1:5000": "PEM",
    });
  });

  it.each([
    ["a stopped service", { unitActive: "inactive" }, ["running"]],
    ["a disabled one", { unitFile: "disabled" }, ["enabled"]],
    ["a user without the group", { groups: ["berth"] }, ["access"]],
    ["one that takes as much as a container", { weights: { "docker.service": "100" } }, ["yields"]],
    ["one that cuts connections that wait", { handsOver: false }, ["handsOver"]],
    ["a removed Docker", { hasDocker: false, unitActive: "inactive", unitFile: "" }, ["running", "enabled"]],
  ])("is %s, to be repaired in place", async (_, changes, flags) => {
    const live = { ...state, ...liveFlags(facts({ ...settled, ...changes })) };
    const request = { id: "m", state: live, oldInputs: inputs, inputs, ignoreChanges: [] };
    const diff = await dockerEngine.diff?.(request, testCall());
    expect(diff?.changes).toEqual(flags.map((path) => ({ path, kind: "update", inputDiff: false })));
  });
});

describe("a change of a Docker engine", () => {
  const diff = async (changes: Partial<EngineInputs>) =>
    (
      await dockerEngine.diff?.(
        { id: "m", state, oldInputs: inputs, inputs: { ...inputs, ...changes }, ignoreChanges: [] },
        testCall(),
      )
    )?.changes;

  it("replaces for another machine only", async () => {
    expect(await diff({ machine: "uuid-2" })).toEqual([
      { path: "machine", kind: "update-replace", inputDiff: true },
    ]);
    expect(await diff({ connection: { ...inputs.connection, host: "10.0.0.3" } })).toEqual([
      { path: "connection.host", kind: "update", inputDiff: true },
    ]);
    expect(await diff({ daemon: {} })).toEqual([
      { path: "daemon.live-restore", kind: "delete", inputDiff: true },
    ]);
  });

  it("does not reach for the machine where nothing on it changes", async () => {
    const request = {
      id: "m",
      state,
      oldInputs: inputs,
      inputs: { ...inputs, bootTimeout: "20m", consoleLog: "/tmp/x" },
    };
    expect(await dockerEngine.update?.(request, testCall())).toBe(state);
  });
});
