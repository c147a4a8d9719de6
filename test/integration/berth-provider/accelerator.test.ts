import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureImages, type Lab, startLab, stopLab } from "../../../lab/index.js";
import { type ProbeRequest, probe } from "../../../providers/berth/accelerator/probe.js";
import { accelerator } from "../../../providers/berth/accelerator.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";
import { cacheDir } from "./support/cacheDir.js";

const berthHome = mkdtempSync(join(tmpdir(), "berth-probe-test-"));
const log = () => {};

describe("the probe for an accelerator", () => {
  let lab: Lab;
  let request: ProbeRequest;
  beforeAll(async () => {
    await ensureImages({ berthHome, cacheDir, log, names: ["debian-12-docker"] });
    lab = await startLab({ berthHome, log });
    // QEMU's user reads it.
    const kernel = join(lab.stateDir, "probe-kernel");
    copyFileSync(join(berthHome, "images/debian-12-docker/vmlinuz"), kernel);
    // Emulation stands in for a KVM that works, so that the test says the same on every machine.
    request = { uri: lab.libvirtUri, kernel, name: "berth-probe-test", type: "qemu", limitMs: 120_000 };
  });
  afterAll(async () => {
    await stopLab({ berthHome, log });
    rmSync(berthHome, { recursive: true, force: true });
  });
  afterEach(() => {
    expect(domains()).toBe("");
    expect(readdirSync(tmpdir()).filter((name) => /^berth-probe-[^t]/.test(name))).toEqual([]);
  });

  const domains = () =>
    execFileSync("virsh", ["-c", lab.libvirtUri, "list", "--all", "--name"], { encoding: "utf8" }).trim();
  const signal = new AbortController().signal;
  const none = () => {};

  it("finds that a kernel runs, by its own end", async () => {
    const outcome = await probe(request, signal, none);
    expect(outcome).toMatchObject({ kind: "ran" });
  });

  it("finds that a kernel hangs, and ends it", async () => {
    // Still in its start, as a kernel is for good where KVM does not work.
    expect(await probe({ ...request, limitMs: 500 }, signal, none)).toMatchObject({ kind: "hung" });
  });

  it("finds what a killed probe has left", async () => {
    const xml = join(berthHome, "left.xml");
    const text = `<domain type="qemu"><name>${request.name}</name><memory unit="MiB">64</memory><os><type>hvm</type></os></domain>`;
    writeFileSync(xml, text);
    execFileSync("virsh", ["-c", lab.libvirtUri, "create", xml]);
    expect(domains()).toBe(request.name);
    expect(await probe({ ...request, limitMs: 500 }, signal, none)).toMatchObject({ kind: "hung" });
  });

  it("is over when its call is, and cleans up", async () => {
    const reason = new Error("create was cancelled");
    const controller = new AbortController();
    const running = probe(request, controller.signal, (text) => {
      if (text.startsWith("waiting")) controller.abort(reason);
    });
    await expect(running).rejects.toThrow();
    expect(controller.signal.reason).toBe(reason);
  });

  it("does not take a missing kernel for a missing KVM", async () => {
    const kernel = join(lab.stateDir, "no-kernel");
    for (const type of ["qemu", "kvm"] as const) {
      await expect(probe({ ...request, type, kernel }, signal, none)).rejects.toThrow(
        new RegExp(
          `could not start a guest, with KVM or without: .*Check that the kernel ${kernel} is there`,
          "s",
        ),
      );
    }
  });

  it("gives the resource an answer on this machine, whichever it is", async () => {
    const call = testCall();
    const inputs = { uri: lab.libvirtUri, accelerator: "auto", kernel: request.kernel } as const;
    const { state } = await accelerator.create(inputs, call);
    expect(state.reason).toMatch(
      { kvm: /^a guest kernel ran under KVM/, qemu: /so guests run on QEMU's own emulation/ }[state.type],
    );
    expect(call.told).toContain(`info ${state.type}: ${state.reason}`);
  });

  it("names a libvirt that does not answer", async () => {
    const uri = "qemu+unix:///system?socket=/nowhere/libvirt-sock";
    await expect(probe({ ...request, uri }, signal, none)).rejects.toThrow(
      `libvirt at ${uri} cannot be reached: failed to connect to the hypervisor; Failed to connect socket to ` +
        "'/nowhere/libvirt-sock': No such file or directory. Check that libvirtd runs on that machine",
    );
  });

  it("says so where virsh is not installed", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    try {
      await expect(probe(request, signal, none)).rejects.toThrow("virsh is not installed");
    } finally {
      process.env["PATH"] = path;
    }
  });
});
