import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Checkout, type Output } from "../e2e/support/checkout.js";
import { inOrder } from "../e2e/support/inOrder.js";
import { askOften, probe } from "../e2e/support/prober.js";

/** A machine of a whole stack is stopped, started, and shut off by hand, while somebody asks the load balancer all the time. */
describe("a machine's power in stack dev", () => {
  inOrder();
  const checkout = new Checkout("dev");
  afterAll(() => checkout.discard(), 600_000);
  let url = "";

  const succeed = async (work: Promise<Output>) => {
    const { code, stdout, stderr } = await work;
    expect(code, stdout + stderr).toBe(0);
    return stdout;
  };
  const up = (...args: string[]) => succeed(checkout.pulumi("up", "--yes", "--skip-preview", ...args));
  const virsh = (...args: string[]) => checkout.virsh(...args);
  const web2 = async () => (await checkout.inventory()).machines.find(({ name }) => name === "web-2")!;
  const answers = async () => [...(await askOften(url, 20)).keys()].sort();

  test("comes up", async () => {
    url = (await succeed(checkout.npm("start"))).trim().split("\n").at(-1)!;
    expect(await answers()).toEqual(["web web-1 on web-1", "web web-2 on web-2"]);
  });

  test("one that is to stop does so when its replicas run elsewhere: no request fails", async () => {
    checkout.edit((config) => {
      config["berth:machines"]["web-2"] = { power: "stopped" };
    });
    const plan = await checkout.plan();
    expect(plan["update"]).toContain("berth:index:Domain web-2");
    expect(plan["delete"]).toContain("berth:index:DockerEngine web-2");
    const probing = probe(url);
    const said = await up();
    const { failures } = await probing.stop();
    expect(failures).toEqual([]);
    expect(said).toContain("dev-web-2 shut itself down, asked by its guest agent");
    expect(await web2()).toMatchObject({ power: "stopped" });
    expect(await virsh("domstate", "dev-web-2")).toBe("shut off");
    expect(await answers()).toEqual(["web web-1 on web-1", "web web-2 on web-1"]);
    await up("--refresh", "--expect-no-changes");
  });

  test("one that runs again takes replicas, and nothing is left of those before", async () => {
    checkout.edit((config) => {
      config["berth:machines"]["web-2"] = {};
      config["berth:services"].web.replicas = 3;
    });
    await up();
    expect(await answers()).toContain("web web-3 on web-2");
    const { name, address } = await web2();
    const running = await checkout.onMachine(name, address, "docker ps --all --quiet");
    expect(running.split("\n")).toHaveLength(1);
    await up("--refresh", "--expect-no-changes");
  });

  /** One update brings back all that was there, and the next finds nothing to do. */
  const comesBack = async () => {
    await up("--refresh");
    expect(await virsh("domstate", "dev-web-2")).toBe("running");
    expect(await answers()).toContain("web web-3 on web-2");
    await up("--refresh", "--expect-no-changes");
  };
  const containers = async () => {
    const { name, address } = await web2();
    return checkout.onMachine(name, address, "docker ps --all --quiet");
  };

  test.each([
    ["shut off", ["destroy"]],
    ["paused", ["suspend"]],
    ["undefined", ["destroy", "undefine"]],
  ])(
    "one that was %s by hand runs again after one update, with the very containers that it had",
    async (_, commands) => {
      const before = await containers();
      for (const command of commands) await virsh(command, "dev-web-2");
      const refreshed = await succeed(checkout.pulumi("refresh", "--yes", "--skip-preview"));
      expect(refreshed).toMatch(/the machine can't answer: it is .*taken to be there and stopped/s);
      await comesBack();
      expect(await containers()).toBe(before);
    },
  );

  test("one that was made anew by hand, with its name and address and an empty disk, gets back all that belongs on it", async () => {
    const xml = await virsh("dumpxml", "--inactive", "dev-web-2");
    const [disk] = /[^'"]*dev-web-2\.qcow2/.exec(xml)!;
    const [, backing] = /<backingStore>\s*<path>([^<]*)/.exec(await virsh("vol-dumpxml", disk!))!;
    const pool = await virsh("vol-pool", disk!);
    const before = await virsh("domuuid", "dev-web-2");
    for (const command of ["destroy", "undefine"]) await virsh(command, "dev-web-2");
    await virsh("vol-delete", disk!);
    const image = backing!.replace(/[^/]*$/, (name) => name);
    await virsh(
      ...["vol-create-as", pool, "dev-web-2.qcow2", "4GiB", "--format", "qcow2"],
      ...["--backing-vol", image, "--backing-vol-format", "qcow2"],
    );
    const file = `${checkout.home}/anew.xml`;
    writeFileSync(file, xml.replace(/<uuid>.*<\/uuid>/, ""));
    await virsh("define", file);
    await virsh("start", "dev-web-2");
    const { name, address } = await web2();
    await vi.waitUntil(
      () =>
        checkout.onMachine(name, address, "docker info").then(
          () => true,
          () => false,
        ),
      { timeout: 10 * 60_000, interval: 2000 },
    );
    await comesBack();
    expect(await virsh("domuuid", "dev-web-2")).not.toBe(before);
  });

  test("one that is gone with its disk is made anew, and nobody calls for its containers", async () => {
    await virsh("destroy", "dev-web-2");
    await virsh("undefine", "dev-web-2", "--remove-all-storage");
    const began = Date.now();
    const said = await succeed(checkout.pulumi("refresh", "--yes", "--skip-preview"));
    expect(said).toMatch(/docker:index:Container +web-3 +deleted/);
    console.log(`refresh without the machine: ${Date.now() - began} ms`);
    await comesBack();
  });

  test("one on which nothing else may run is not stopped: the preview says why", async () => {
    checkout.edit((config) => {
      for (const name of ["web-1", "web-2"]) config["berth:machines"][name] = { power: "stopped" };
    });
    const { code, stdout, stderr } = await checkout.pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(
      'berth:services.web.machines: no machine that may run it runs: web-1, web-2; set "power" of one to "running"',
    );
  });
});
