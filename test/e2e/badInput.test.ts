import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Checkout, type Output } from "./support/checkout.js";
import { inOrder } from "./support/inOrder.js";
import { readLab, remainsOf } from "./support/lab.js";

/** What goes wrong, one after another on one lab, and that the next update goes on from there. */
describe("bad input", () => {
  inOrder();
  const checkout = new Checkout("dev");
  const pool = join(checkout.home, "..", "small-pool");
  const image = () =>
    JSON.parse(readFileSync(join(checkout.home, "images/debian-12-docker/image.json"), "utf8"));
  const diskOf = () => join(checkout.home, "images/debian-12-docker", image().disk);

  /** One machine and nothing else, with `change` applied. */
  const describeMachine = (change: (config: Record<string, any>) => void = () => {}) =>
    checkout.edit((config) => {
      for (const key of Object.keys(config)) {
        if (key.startsWith("berth:") && key !== "berth:images") delete config[key];
      }
      config["berth:images"] = { debian: { manifest: ".berth/images/debian-12-docker/image.json" } };
      config["berth:machines"] = { one: {} };
      change(config);
    });
  const up = () => checkout.pulumi("up", "--yes", "--skip-preview");
  const text = ({ stdout, stderr }: Output) => stdout + stderr;
  const expectFailure = async (pattern: RegExp) => {
    const output = await up();
    expect(output.code, text(output)).not.toBe(0);
    expect(text(output)).toMatch(pattern);
    return text(output);
  };

  beforeAll(async () => {
    // Before the lab starts, so that it sees the mount too.
    mkdirSync(pool);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m,mode=0755", "berth-e2e", pool]);
    // Sets up what is needed and makes the stack.
    const output = await checkout.npm("preview");
    expect(output.code, text(output)).toBe(0);
  });
  afterAll(async () => {
    execFileSync("umount", [pool]);
    rmSync(pool, { recursive: true });
    await checkout.discard();
  });

  test("every mistake of the configuration at once, before anything is touched", async () => {
    describeMachine((config) => {
      config["berth:machines"] = { one: { memory: "1 gig" }, two: { image: "debain" } };
    });
    const output = await expectFailure(/2 mistakes; nothing was touched/);
    expect(output).toContain("berth:machines.one.memory");
    expect(output).toContain("berth:machines.two.image");
  });

  test("an image that isn't there", async () => {
    describeMachine((config) => {
      config["berth:hypervisors"] = { local: { accelerator: "qemu" } };
      config["berth:images"].debian = { disk: "/nowhere/debian.qcow2", sha256: "0".repeat(64) };
    });
    await expectFailure(/\/nowhere\/debian\.qcow2/);
  });

  test("an image with another checksum", async () => {
    describeMachine((config) => {
      config["berth:hypervisors"] = { local: { accelerator: "qemu" } };
      config["berth:images"].debian = { disk: diskOf(), sha256: "0".repeat(64) };
    });
    const output = await expectFailure(/0{64}/);
    expect(output).toContain(image().sha256);
  });

  test("no libvirtd", async () => {
    describeMachine((config) => {
      config["berth:hypervisors"] = { local: { uri: "qemu+unix:///system?socket=/nowhere/libvirt-sock" } };
    });
    const output = await expectFailure(/\/nowhere\/libvirt-sock/);
    expect(output).toContain("systemctl start libvirtd");
  });

  test("no space for the image", async () => {
    expect(statSync(diskOf()).size).toBeGreaterThan(64 * 2 ** 20);
    describeMachine((config) => {
      config["berth:hypervisors"] = { local: { pool: { name: "small", path: join(pool, "pool") } } };
    });
    await expectFailure(/No space left|ENOSPC|space/i);
  });

  test("a machine that can't start leaves nothing in the next one's way", async () => {
    describeMachine((config) => {
      config["berth:machines"].one = { memory: "8192GiB" };
    });
    await expectFailure(/memory/i);
    expect(await checkout.virsh("list", "--all", "--name")).toBe("");
  });

  test("a machine whose SSH never answers ends within its limit, with its last words", async () => {
    describeMachine((config) => {
      config["berth:machines"].one = {
        readyTimeout: "100s",
        cloudConfig: {
          bootcmd: ["echo last words of one > /dev/console", "systemctl mask --now ssh.service ssh.socket"],
        },
      };
    });
    const start = Date.now();
    const output = await expectFailure(/last words of one/);
    expect(output).toContain("newSeed: replace");
    expect(Date.now() - start).toBeLessThan(300_000);
  });

  test("a Docker that can't start shows its journal, and the next update goes on", async () => {
    describeMachine((config) => {
      // The one before never let anybody in.
      config["berth:machines"].one = {
        newSeed: "replace",
        docker: { daemon: { "log-driver": "nonsense" } },
      };
    });
    await expectFailure(/nonsense/);
    describeMachine();
    const output = await up();
    expect(output.code, text(output)).toBe(0);
    const again = await checkout.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
    expect(again.code, text(again)).toBe(0);
  });

  test("what is left is nothing", async () => {
    const { id } = readLab(checkout.home);
    const output = await checkout.npm("down");
    expect(output.code, text(output)).toBe(0);
    expect(remainsOf(id)).toEqual([]);
  });
});
