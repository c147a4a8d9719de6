import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { inOrder } from "../e2e/support/inOrder.js";
import { readLab } from "../e2e/support/lab.js";
import { ask } from "../e2e/support/prober.js";
import { FailingVirsh } from "../support/failingVirsh.js";
import { measureGap } from "../support/load/measureGap.js";
import { TwoHypervisors } from "../support/twoHypervisors.js";

/** A machine that moves between two libvirtds, while clients ask for what runs on it. */
describe("berth move", () => {
  inOrder();
  const site = new TwoHypervisors();
  let identity = "";
  beforeAll(() => site.start(), 600_000);
  afterAll(() => site.stop(), 300_000);

  test("a preview of another hypervisor in the stack's file says what is lost, and what brings it along", async () => {
    await site.on("sudo sh -c 'echo on the disk >/root/word; echo kept >/data/word; sync'");
    identity = await site.identity();
    const { checkout } = site;
    checkout.edit((config) => {
      config["berth:machines"]["web-1"].hypervisor = "far";
    });
    const { code, stdout, stderr } = await checkout.pulumi("preview");
    checkout.edit((config) => {
      config["berth:machines"]["web-1"].hypervisor = "near";
    });
    expect(code, stdout + stderr).toBe(0);
    expect(stdout + stderr).toContain('"berth move web-1 HYPERVISOR" brings what is on it along');
  });

  test("what can't be is refused, and nothing is touched", async () => {
    const refused = async (machine: string, hypervisor: string, words: string) => {
      const { code, stderr } = await site.move(machine, hypervisor);
      expect(code, stderr).toBe(1);
      expect(stderr).toContain(words);
    };
    const before = await site.has("near");
    await refused("web-9", "far", 'has no machine "web-9"; it has: web-1');
    await refused("web-1", "moon", 'has no hypervisor "moon"; it has: far, near');
    await refused("web-1", "near", 'machine "web-1" is on "near" already');
    await site.virsh("far", "vol-create-as", "berth-dev-far", "dev-web-1.qcow2", "1MiB");
    await refused("web-1", "far", 'a volume "dev-web-1.qcow2" is in pool "berth-dev-far" on "far" already');
    await site.virsh("far", "vol-delete", "--pool", "berth-dev-far", "dev-web-1.qcow2");
    expect(await site.has("near")).toEqual(before);
    expect(await site.has("far")).toEqual([]);
    expect(site.hypervisor).toBe("near");
  });

  test("one that is interrupted goes back: the machine runs where it was, and is served", async () => {
    const folder = mkdtempSync(join(tmpdir(), "berth-interrupted-"));
    const virsh = await FailingVirsh.in(folder, "start", "interrupt");
    const { code, stderr } = await site.move("web-1", "far", { env: { PATH: virsh.path } });
    rmSync(folder, { recursive: true });
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('web-1 stays on "near": interrupted');
    expect(stderr).toContain("web-1 runs where it was again");
    expect(site.hypervisor).toBe("near");
    expect(await site.has("far")).toEqual([]);
    expect(await site.identity()).toBe(identity);
    // A command that is told to end does not wait for HAProxy's checks.
    await vi.waitFor(async () => expect(await ask(site.url)).toContain("web-1"), {
      timeout: 60_000,
      interval: 500,
    });
  });

  test("it has what it had, is what it was, and runs what ran on it; nothing is left where it was", async () => {
    const { netns } = readLab(site.checkout.home);
    const began = performance.now();
    const entrance = `http://${site.address}`;
    const port = await site.on("docker ps --format '{{.Ports}}' | sed 's/.*:\\([0-9]*\\)->.*/\\1/'");
    let words = "";
    const gap = await measureGap(`${entrance}:${port}/`, netns, async () => {
      const { code, stdout, stderr } = await site.move("web-1", "far");
      expect(code, stdout + stderr).toBe(0);
      words = stderr;
    });
    console.log(
      `${words}\nmove: ${Math.round((performance.now() - began) / 1000)} s in all, ` +
        `${Math.round(gap.longestMs / 1000)} s without an answer (${gap.answered} answers)`,
    );
    expect(words).toMatch(/web-1 is up on "far"; it was away for/);
    expect(site.hypervisor).toBe("far");
    expect(await site.on("sudo cat /root/word /data/word")).toBe("on the disk\nkept");
    expect(await site.identity()).toBe(identity);
    expect(await site.has("near")).toEqual([]);
    expect(await site.virsh("far", "domstate", "dev-web-1")).toBe("running");
    expect((await site.has("far")).filter((name) => /berth-/.test(name))).toEqual([]);
    await site.expectAgreement();
    expect(await site.identity()).toBe(identity);
  });
});
