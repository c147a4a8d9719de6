import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { lookScript } from "../../../../providers/berth/engine/lookScript.js";
import { machineFacts } from "../../../../providers/berth/engine/machineFacts.js";

const text = (value: string) => `=${Buffer.from(value).toString("base64")}`;

const looked = [
  "user berth",
  "groups berth,sudo,docker",
  `os ${text('PRETTY_NAME="Ubuntu 24.04"\nID=ubuntu\nID_LIKE=debian\n')}`,
  `machineId ${text("0123456789abcdef0123456789abcdef\n")}`,
  "boot finished",
  `bootResult ${text('{"v1": {"datasource": "NoCloud", "errors": ["(\'runcmd\', failed)"]}}')}`,
  `bootStatus ${text('{"v1": {"stage": "modules-final"}}')}`,
  "dockerd /usr/bin/dockerd",
  "unit.LoadState loaded",
  "unit.ActiveState active",
  "unit.UnitFileState disabled",
  "unit.CPUWeight 10",
  "containerd.LoadState loaded",
  "containerd.CPUWeight [not set]",
  "handsOver 0",
  "apparmor Y -",
  `daemon ${text('{"debug": true}\n')}`,
  `certificate.ours.10.0.0.1:5000 ${text("PEM 1\n")}`,
  `certificate.theirs.registry.example ${text("PEM 2\n")}`,
  "end .",
];

describe("a look at a machine", () => {
  it("is read", () => {
    expect(machineFacts(looked.join("\n"))).toEqual({
      user: "berth",
      groups: ["berth", "sudo", "docker"],
      osIds: ["ubuntu", "debian"],
      osName: "Ubuntu 24.04",
      machineId: "0123456789abcdef0123456789abcdef",
      boot: "finished",
      bootStage: "modules-final",
      bootErrors: ["('runcmd', failed)"],
      hasSystemd: true,
      hasDocker: true,
      unitFile: "disabled",
      unitActive: "active",
      weights: { "docker.service": "10", "containerd.service": "[not set]" },
      handsOver: false,
      lacksApparmorParser: true,
      daemon: '{"debug": true}\n',
      certificates: [
        { registry: "10.0.0.1:5000", pem: "PEM 1\n", ours: true },
        { registry: "registry.example", pem: "PEM 2\n", ours: false },
      ],
    });
  });

  it("finds a machine without Docker, cloud-init and systemd", () => {
    const bare = [
      "user root",
      "groups root",
      "os -",
      "machineId -",
      "boot absent",
      "dockerd -",
      "unit.LoadState -",
      "handsOver -",
      "daemon -",
      "end .",
    ];
    expect(machineFacts(bare.join("\n"))).toMatchObject({
      osIds: [],
      boot: "absent",
      bootErrors: [],
      hasSystemd: false,
      hasDocker: false,
      handsOver: undefined,
      daemon: undefined,
      certificates: [],
    });
  });

  it("is no half of one", () => {
    expect(() => machineFacts(looked.slice(0, -1).join("\n"))).toThrow("the look at the machine ended early");
  });

  it("survives a status that cloud-init is just writing", () => {
    const half = looked.map((line) =>
      line.startsWith("bootStatus") ? `bootStatus ${text('{"v1": {"st')}` : line,
    );
    expect(machineFacts(half.join("\n")).bootStage).toBeUndefined();
  });

  it("works on this very machine", () => {
    const { stdout, status } = spawnSync("sh", ["-s"], { input: lookScript(0), encoding: "utf8" });
    expect(status, hostname()).toBe(0);
    const found = machineFacts(stdout);
    expect(found.osName).toBe(/PRETTY_NAME="(.*)"/.exec(readFileSync("/etc/os-release", "utf8"))?.[1]);
    expect(found.groups).not.toEqual([]);
  });
});
