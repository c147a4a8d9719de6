import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { Checkout, type Output } from "../e2e/support/checkout.js";
import { inOrder } from "../e2e/support/inOrder.js";
import { askOften } from "../e2e/support/prober.js";
import { startS3Server } from "../support/backup/s3Server.js";

/** Snapshots, backups, restores and clones of the machines of a whole stack, by its commands and declared. */
describe("copies of machines in stack dev", () => {
  inOrder();
  const checkout = new Checkout("dev");
  const backups = mkdtempSync(join(tmpdir(), "berth-backups-"));
  afterAll(async () => {
    await checkout.discard();
    rmSync(backups, { recursive: true });
  }, 600_000);
  let url = "";

  const succeed = async (work: Promise<Output>) => {
    const { code, stdout, stderr } = await work;
    expect(code, stdout + stderr).toBe(0);
    return { stdout, stderr };
  };
  const up = async (...args: string[]) =>
    (await succeed(checkout.pulumi("up", "--yes", "--skip-preview", ...args))).stdout;
  const where = ["--stack", "dev", "--config-file", checkout.configFile];
  const berth = (command: string[], ...args: string[]) =>
    succeed(checkout.run(join(checkout.home, "bin/berth"), [...command, ...args]));
  const on = async (name: string, command: string) => {
    const { address } = (await checkout.inventory()).machines.find((one) => one.name === name)!;
    return checkout.onMachine(name, address, command);
  };
  const answers = async () => [...(await askOften(url, 20)).keys()].sort();
  const both = ["web web-1 on web-1", "web web-2 on web-2"];
  /** What runs on a machine of the stack's services, and what the stack knows. */
  const expectAgreement = async () => {
    await up("--refresh", "--expect-no-changes");
    const { services } = await checkout.inventory();
    for (const machine of ["web-1", "web-2"]) {
      const declared = services.flatMap(({ replicas }) => replicas).filter((one) => one.machine === machine);
      const running = await on(machine, "docker ps --all --quiet --no-trunc --filter label=berth.service");
      expect(running.split("\n").filter(Boolean).sort()).toEqual(
        declared.map(({ container }) => container).sort(),
      );
    }
    expect(await answers()).toEqual(both);
  };

  test("comes up, and says how long each part took", async () => {
    url = (await succeed(checkout.npm("start"))).stdout.trim().split("\n").at(-1)!;
    expect(await answers()).toEqual(both);
    const { stdout } = await berth(["timings"], "--stack", "dev", "--format", "json");
    const { machines, containers } = JSON.parse(stdout);
    expect(machines.map(({ machine }: { machine: string }) => machine)).toEqual(["web-1", "web-2"]);
    for (const { os, init, run } of machines)
      for (const part of [os, init, run]) expect(part).toBeGreaterThan(0);
    expect(containers).toHaveLength(2);
    for (const { pack, load, run } of containers)
      for (const part of [pack, load, run]) expect(part).toBeGreaterThan(0);
    const table = (await berth(["timings"], "--stack", "dev")).stdout;
    console.log(table);
    const picture = join(checkout.home, "timings.svg");
    await berth(["timings"], "--stack", "dev", "--format", "svg", "--output", picture);
    expect(readFileSync(picture, "utf8")).toContain("</svg>");
  });

  test("a snapshot of all, a change of what runs, and back: the stack runs what it describes", async () => {
    await on("web-1", "sudo sh -c 'echo before >/root/word; sync'");
    await berth(["snapshot", "create", "before"], ...where, "--description", "of a test");
    const { stdout } = await berth(["snapshot", "list"], ...where, "--json");
    expect(JSON.parse(stdout)).toMatchObject([
      { name: "before", machine: "web-1", consistency: "frozen", description: "of a test" },
      { name: "before", machine: "web-2", consistency: "frozen" },
    ]);
    await on("web-1", "sudo sh -c 'echo after >/root/word; sync'");
    checkout.edit((config) => {
      config["berth:services"].web.env = { GREETING: "changed" };
    });
    await up();
    await berth(["snapshot", "revert", "before"], ...where);
    expect(await on("web-1", "sudo cat /root/word")).toBe("before");
    await expectAgreement();
    await berth(["snapshot", "delete", "before"], ...where);
    expect((await berth(["snapshot", "list"], ...where, "--json")).stdout.trim()).toBe("[]");
  });

  test("a declared snapshot is taken by an update, and another word takes the machine back", async () => {
    checkout.edit((config) => {
      config["berth:snapshots"] = { declared: { machines: ["web-2"] } };
    });
    await on("web-2", "sudo sh -c 'echo declared >/root/word; sync'");
    await up();
    await on("web-2", "sudo sh -c 'echo lost >/root/word; sync'");
    checkout.edit((config) => {
      config["berth:snapshots"].declared.revert = "today";
    });
    const plan = await checkout.plan();
    expect(plan["update"]).toContain("berth:index:MachineSnapshot declared");
    await up();
    expect(await on("web-2", "sudo cat /root/word")).toBe("declared");
    await expectAgreement();
    checkout.edit((config) => {
      delete config["berth:snapshots"];
    });
    await up();
    await expectAgreement();
  });

  test("a backup is not trusted until it was verified; restored, the stack runs what it describes", async () => {
    const to = ["--to", backups];
    await on("web-1", "sudo sh -c 'echo backed-up >/root/word; sync'");
    const [id] = (await berth(["backup"], ...where, ...to, "--machine", "web-1")).stdout.trim().split("\n");
    expect((await berth(["backup", "list"], ...to)).stdout).toContain("NOT VERIFIED");
    const early = await checkout.run(join(checkout.home, "bin/berth"), ["restore", id!, ...where, ...to]);
    expect(early.code).not.toBe(0);
    expect(early.stderr).toContain("was never verified");
    const { stderr } = await berth(["backup", "verify"], ...where, ...to);
    expect(stderr).toMatch(/verified: every chunk is whole; it boots to its guest agent/);
    expect((await berth(["backup", "list"], ...to)).stdout).not.toContain("NOT VERIFIED");
    await on("web-1", "sudo sh -c 'echo lost >/root/word; sync'");
    await berth(["restore", id!], ...where, ...to);
    expect(await on("web-1", "sudo cat /root/word")).toBe("backed-up");
    await expectAgreement();
  });

  test("a backup in an S3 store is restored from there", async () => {
    const store = await startS3Server();
    try {
      await store.bucket("backups");
      const env = {
        AWS_ENDPOINT_URL_S3: store.endpoint,
        AWS_ACCESS_KEY_ID: store.owner.access,
        AWS_SECRET_ACCESS_KEY: store.owner.secret,
      };
      const inStore = (command: string[], ...args: string[]) =>
        succeed(
          checkout.run(
            join(checkout.home, "bin/berth"),
            [...command, "--to", "s3://backups/dev", ...args],
            env,
          ),
        );
      await on("web-1", "sudo sh -c 'echo in the store >/root/word; sync'");
      const [id] = (await inStore(["backup"], ...where, "--machine", "web-1")).stdout.trim().split("\n");
      const { stderr } = await inStore(["backup", "verify"], ...where);
      expect(stderr).toMatch(/verified: every chunk is whole; it boots to its guest agent/);
      await on("web-1", "sudo sh -c 'echo lost >/root/word; sync'");
      await inStore(["restore", id!], ...where);
    } finally {
      await store.stop();
    }
    expect(await on("web-1", "sudo cat /root/word")).toBe("in the store");
    await expectAgreement();
  });

  test("a clone has what its source has, and is a machine of its own", async () => {
    await berth(["clone", "web-1", "web-9"], ...where);
    expect(parse(readFileSync(checkout.configFile, "utf8")).config["berth:machines"]).toHaveProperty("web-9");
    expect(await on("web-9", "sudo cat /root/word; hostname")).toBe("in the store\nweb-9");
    const [one, nine] = [await on("web-1", "cat /etc/machine-id"), await on("web-9", "cat /etc/machine-id")];
    expect(nine).not.toBe(one);
    await expectAgreement();
  });
});
