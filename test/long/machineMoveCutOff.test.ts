import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inOrder } from "../e2e/support/inOrder.js";
import { FailingVirsh } from "../support/failingVirsh.js";
import { TwoHypervisors } from "../support/twoHypervisors.js";

/** A move that is killed, at three points one after the other: each next try goes on from what it finds. */
describe("berth move, cut off", () => {
  inOrder();
  const site = new TwoHypervisors();
  const folder = mkdtempSync(join(tmpdir(), "berth-cut-off-"));
  let identity = "";
  beforeAll(() => site.start(), 600_000);
  afterAll(async () => {
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 300_000);

  /** Ends the command, without a warning, when it asks libvirt for this. */
  const cutOffAt = async (command: string) => {
    const virsh = await FailingVirsh.in(folder, command, "kill");
    const { code } = await site.move("web-1", "far", { env: { PATH: virsh.path, TMPDIR: folder } });
    expect(await virsh.broke()).toBe(true);
    expect(code).toBe(128);
  };

  test("while it copies: the machine runs on where it is", async () => {
    await site.on("sudo sh -c 'echo on the disk >/root/word; sync'");
    identity = await site.identity();
    await cutOffAt("vol-upload");
    expect(await site.on("sudo cat /root/word")).toBe("on the disk");
    expect(site.hypervisor).toBe("near");
    expect(await site.virsh("far", "list", "--all", "--name")).toBe("");
  });

  test("when the machine has shut itself down: it is whole where it was", async () => {
    await site.on("sudo sh -c 'echo later >/root/word; sync'");
    await cutOffAt("start");
    expect(await site.virsh("near", "domstate", "dev-web-1")).toBe("shut off");
    const had = (await site.has("near")).filter((name) => name.startsWith("dev-web-1"));
    expect(had).toContain("dev-web-1.qcow2");
    expect(await site.virsh("far", "domstate", "dev-web-1")).toBe("shut off");
  });

  test("when it has started at the target: that one is the machine, and the next try ends the move", async () => {
    await cutOffAt("detach-disk");
    expect(await site.virsh("near", "domstate", "dev-web-1")).toBe("shut off");
    expect(await site.virsh("far", "domstate", "dev-web-1")).toBe("running");
    const { code, stdout, stderr } = await site.move("web-1", "far");
    expect(code, stdout + stderr).toBe(0);
    expect(stderr).toContain('web-1 runs on "far" since a move that was cut off');
    expect(await site.on("sudo cat /root/word")).toBe("later");
    expect(await site.identity()).toBe(identity);
    expect(await site.has("near")).toEqual([]);
    expect((await site.has("far")).filter((name) => /berth-/.test(name))).toEqual([]);
    await site.expectAgreement();
  });
});
