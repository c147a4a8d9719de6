import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { applyScript, putBackScript } from "../../../../providers/berth/engine/applyScript.js";
import { installScript } from "../../../../providers/berth/engine/installScript.js";
import { lookScript } from "../../../../providers/berth/engine/lookScript.js";
import { type Plan, planEngine } from "../../../../providers/berth/engine/plan.js";
import { printText, quote, script } from "../../../../providers/berth/engine/shell.js";
import { facts } from "./facts.js";

const sh = (input: string, ...args: string[]) =>
  spawnSync("sh", [...args, "-s"], { input, encoding: "utf8" });
const done = planEngine(facts(), { daemon: {}, certificates: {} });
const all: Plan = {
  daemonJson: '{\n  "debug": true\n}\n',
  activation: "restart",
  putCertificates: [{ registry: "10.0.0.1:5000", pem: "PEM" }],
  removeCertificates: ["old.example"],
  unmask: true,
  enable: true,
  weigh: ["docker.service", "containerd.service"],
  handOver: true,
  joinGroup: "berth",
};

describe("a word for the shell", () => {
  it.each(["plain", "two words", "it's", '$(reboot) `reboot` \\ " * \n ünï', ""])(
    "keeps %j as it is",
    (word) => {
      expect(sh(`printf %s ${quote(word)}`).stdout).toBe(word);
      expect(sh(printText(word)).stdout).toBe(word);
    },
  );
});

describe("a script", () => {
  it("is not eaten by a command of its own that reads", () => {
    expect(sh(script("cat", "echo after")).stdout).toBe("after\n");
  });

  it.each([
    ["that looks", lookScript(15)],
    ["that applies everything", applyScript(all)],
    ["that applies nothing", applyScript(done)],
    ["that starts Docker", applyScript({ ...done, activation: "start" })],
    ["that reloads", applyScript({ ...all, activation: "reload" })],
    ["that puts back", putBackScript(1_700_000_000)],
    ["that installs", installScript(["docker.io", "apparmor"])],
  ])("%s is one that a POSIX shell can read", (_, text) => {
    expect(sh(text, "-n")).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("the script that applies a plan", () => {
  it("does only what the plan says", () => {
    const text = applyScript({ ...done, enable: true });
    expect(text).toContain("systemctl enable");
    expect(text).not.toMatch(/daemon\.json|restart|reload|usermod|unmask|ca\.crt|sysctl/);
  });

  it("puts the old daemon.json back only where it wrote a new one", () => {
    expect(applyScript(all)).toContain("cp -p /etc/docker/daemon.json.previous /etc/docker/daemon.json");
    expect(applyScript({ ...done, activation: "start" })).not.toContain("daemon.json");
  });

  it("quotes names that come from outside", () => {
    const text = applyScript({ ...all, joinGroup: "a; reboot", removeCertificates: ["x y"] });
    expect(text).toContain("usermod -aG docker 'a; reboot'");
    expect(text).toContain("rm -f '/etc/docker/certs.d/x y'/ca.crt");
  });
});
