import { describe, expect, it } from "vitest";
import type { MachineFacts } from "../../../../providers/berth/engine/machineFacts.js";
import { describePlan, isDone, planEngine } from "../../../../providers/berth/engine/plan.js";
import { facts } from "./facts.js";

const wanted = { daemon: { "live-restore": true }, certificates: { "10.0.0.1:5000": "PEM" } };
const settled: Partial<MachineFacts> = {
  daemon: '{"live-restore":true}',
  certificates: [{ registry: "10.0.0.1:5000", pem: "PEM\n", ours: true }],
};

describe("the plan for a machine", () => {
  it("is empty where all is as it should be, whatever the layout of the files", () => {
    const plan = planEngine(facts(settled), wanted);
    expect(isDone(plan)).toBe(true);
    expect(describePlan(plan)).toBe("");
  });

  it("asks nothing of a kernel that it does not have", () => {
    expect(isDone(planEngine(facts({ ...settled, handsOver: undefined }), wanted))).toBe(true);
  });

  it.each<[string, Partial<MachineFacts>, object]>([
    ["a stopped service is started", { unitActive: "inactive" }, { activation: "start" }],
    ["one that failed too", { unitActive: "failed" }, { activation: "start" }],
    ["one that is starting is waited for", { unitActive: "activating" }, { activation: "start" }],
    ["a disabled one is enabled", { unitFile: "disabled" }, { enable: true }],
    ["a masked one is unmasked", { unitFile: "masked-runtime" }, { unmask: true, enable: true }],
    [
      "a service of the usual weight gives way to containers",
      { weights: { "docker.service": "[not set]", "containerd.service": "10" } },
      { weigh: ["docker.service"] },
    ],
    ["waiting connections are handed over", { handsOver: false }, { handOver: true }],
    ["a user outside of the group joins it", { groups: ["berth"] }, { joinGroup: "berth" }],
    ["a missing daemon.json is written, and reloaded", { daemon: undefined }, { activation: "reload" }],
    [
      "a changed one that needs it restarts Docker",
      { daemon: '{"bip":"10.0.0.1/24"}' },
      { activation: "restart" },
    ],
    ["one that is no JSON restarts Docker", { daemon: "{" }, { activation: "restart" }],
    [
      "one that Docker may have read in its start too",
      { daemon: undefined, unitActive: "activating" },
      { activation: "reload" },
    ],
    [
      "or restarts it",
      { daemon: '{"bip":"10.0.0.1/24"}', unitActive: "activating" },
      { activation: "restart" },
    ],
    [
      "a stopped Docker reads a new one when it starts",
      { daemon: undefined, unitActive: "inactive" },
      { activation: "start" },
    ],
  ])("%s", (_, changes, expected) => {
    const plan = planEngine(facts({ ...settled, ...changes }), wanted);
    expect(plan).toMatchObject(expected);
    const isDaemonChange = "daemon" in changes;
    expect(plan.daemonJson).toBe(isDaemonChange ? '{\n  "live-restore": true\n}\n' : undefined);
    expect(isDone(plan)).toBe(false);
    expect(describePlan(plan)).not.toBe("");
  });

  it("lets root use Docker without the group", () => {
    expect(
      planEngine(facts({ ...settled, user: "root", groups: ["root"] }), wanted).joinGroup,
    ).toBeUndefined();
  });

  it("writes no empty daemon.json where there is none", () => {
    expect(isDone(planEngine(facts(), { daemon: {}, certificates: {} }))).toBe(true);
  });

  it("changes certificates without a restart, and removes only its own", () => {
    const certificates = [
      { registry: "10.0.0.1:5000", pem: "OLD", ours: true },
      { registry: "old.example", pem: "PEM", ours: true },
      { registry: "admin.example", pem: "PEM", ours: false },
    ];
    const plan = planEngine(facts({ ...settled, certificates }), wanted);
    expect(plan).toMatchObject({
      activation: "none",
      putCertificates: [{ registry: "10.0.0.1:5000", pem: "PEM" }],
      removeCertificates: ["old.example"],
    });
    expect(describePlan(plan)).toBe("putting registry certificates in place");
  });
});
