import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { inOrder } from "../e2e/support/inOrder.js";
import { readLab } from "../e2e/support/lab.js";
import { FailingVirsh } from "../support/failingVirsh.js";
import { measureGap } from "../support/load/measureGap.js";
import { TwoHypervisors } from "../support/twoHypervisors.js";

/** A machine that moves while it runs, between this machine's libvirtd and one that is reached by SSH, and back. */
describe("berth move, live", () => {
  inOrder();
  const site = new TwoHypervisors();
  const folder = mkdtempSync(join(tmpdir(), "berth-live-"));
  let identity = "";
  let boot = "";
  beforeAll(() => site.start("ssh"), 600_000);
  afterAll(async () => {
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 300_000);

  const bootId = () => site.on("cat /proc/sys/kernel/random/boot_id");
  /** What only memory holds. */
  const inMemory = () => site.on("sudo cat /run/word");
  /** Moves it, with what its clients saw meanwhile. */
  const move = async (to: string) => {
    const port = await site.on("docker ps --format '{{.Ports}}' | sed 's/.*:\\([0-9]*\\)->.*/\\1/'");
    const { netns } = readLab(site.checkout.home);
    let words = "";
    const gap = await measureGap(`http://${site.address}:${port}/`, netns, async () => {
      const { code, stdout, stderr } = await site.move("web-1", to, { mode: "live" });
      expect(code, stdout + stderr).toBe(0);
      words = stderr;
    });
    console.log(
      `${words}\nto ${to}: ${Math.round(gap.longestMs)} ms without an answer (${gap.answered} answers)`,
    );
    return { words, gap };
  };
  const expectWhole = async () => {
    expect(await bootId()).toBe(boot);
    expect(await inMemory()).toBe("in memory");
    expect(await site.on("sudo cat /root/word /data/word")).toBe("on the disk\nkept");
    expect(await site.identity()).toBe(identity);
  };

  test("one that is killed half way leaves the machine running where it is, and the next try begins anew", async () => {
    await site.on(
      "sudo sh -c 'echo on the disk >/root/word; echo kept >/data/word; echo in memory >/run/word; sync'",
    );
    identity = await site.identity();
    boot = await bootId();
    const virsh = await FailingVirsh.in(folder, "domjobinfo", "kill");
    const { code } = await site.move("web-1", "far", {
      env: { PATH: virsh.path, TMPDIR: folder },
      mode: "live",
    });
    expect(await virsh.broke()).toBe(true);
    expect(code).not.toBe(0);
    await vi.waitUntil(async () => (await site.virsh("near", "domjobinfo", "dev-web-1")).includes("None"), {
      timeout: 60_000,
      interval: 500,
    });
    expect(await site.virsh("near", "domstate", "dev-web-1")).toBe("running");
    expect(await site.virsh("far", "domstate", "dev-web-1")).toBe("shut off");
    await expectWhole();
    const { code: next, stdout, stderr } = await site.move("web-1", "far", { mode: "live" });
    expect(next, stdout + stderr).toBe(0);
    expect(site.hypervisor).toBe("far");
    expect(await site.has("near")).toEqual([]);
    await expectWhole();
  });

  test("one that is interrupted goes back, and nothing is left at the target", async () => {
    const virsh = await FailingVirsh.in(folder, "domjobinfo", "interrupt");
    const { code, stderr } = await site.move("web-1", "near", {
      env: { PATH: virsh.path, TMPDIR: folder },
      mode: "live",
    });
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('web-1 stays on "far": interrupted');
    expect(await site.has("near")).toEqual([]);
    expect(await site.virsh("far", "dominfo", "dev-web-1")).toMatch(/Autostart: +enable/);
    await expectWhole();
    expect(site.hypervisor).toBe("far");
  });

  test.each([
    ["near", "far"],
    ["far", "near"],
  ] as const)("it goes on at %s, and nothing is left at %s", async (to, from) => {
    const { words, gap } = await move(to);
    expect(words).toContain(`web-1 goes on running on "${to}"`);
    // Two of its retransmissions, at most: no time for a boot.
    expect(gap.longestMs).toBeLessThan(5000);
    expect(site.hypervisor).toBe(to);
    await expectWhole();
    expect(await site.has(from)).toEqual([]);
    expect((await site.has(to)).filter((name) => /berth-/.test(name))).toEqual([]);
    await site.expectAgreement();
    await expectWhole();
  });
});
