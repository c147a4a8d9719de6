import { execFile } from "node:child_process";
import { basename } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Checkout } from "../e2e/support/checkout.js";
import { inOrder } from "../e2e/support/inOrder.js";
import { readLab } from "../e2e/support/lab.js";
import { ask } from "../e2e/support/prober.js";

const run = promisify(execFile);

/** Machines that are hosts of a network which is not Berth's: a bridge of the host's, and a router behind it. */
describe("a bridge of the host's", () => {
  inOrder();
  const checkout = new Checkout("dev");
  const router = "berth-router";
  const ip = (...args: string[]) =>
    run("ip", ["--net", basename(readLab(checkout.home).netns), ...args]).then(({ stdout }) => stdout);
  const succeed = async (work: ReturnType<Checkout["run"]>) => {
    const output = await work;
    expect(output.code, output.stdout + output.stderr).toBe(0);
    return output.stdout;
  };
  let url = "";

  beforeAll(async () => {
    await succeed(checkout.run("npm", ["run", "--silent", "setup"]));
    await ip("link", "add", "br0", "type", "bridge");
    await ip("address", "add", "192.168.150.5/24", "dev", "br0");
    await ip("link", "set", "br0", "up");
    await run("ip", ["netns", "add", router]);
    await ip("link", "add", "lan0", "type", "veth", "peer", "name", "lan0", "netns", router);
    await ip("link", "set", "lan0", "master", "br0", "up");
    await run("ip", ["--net", router, "address", "add", "192.168.150.1/24", "dev", "lan0"]);
    await run("ip", ["--net", router, "link", "set", "lan0", "up"]);
    checkout.edit((config) => {
      config["berth:hypervisors"] = {
        local: {
          accelerator: "qemu",
          network: {
            ...{ mode: "bridge", bridge: "br0", cidr: "192.168.150.0/24", address: "192.168.150.5" },
            ...{ gateway: "192.168.150.1", nameservers: ["192.168.150.2"], range: "192.168.150.192/27" },
          },
        },
      };
    });
  }, 300_000);
  afterAll(async () => {
    await checkout.discard();
    await run("ip", ["netns", "delete", router]);
  }, 300_000);

  test("machines come up in it, with default addresses of the part that is theirs, and share the load", async () => {
    url = (await succeed(checkout.npm("start"))).trim().split("\n").at(-1)!;
    const answers = [await ask(url), await ask(url)];
    expect(answers.map((answer) => /web-\d/.exec(answer)?.[0]).sort()).toEqual(["web-1", "web-2"]);
    const { machines } = await checkout.inventory();
    for (const { name, address } of machines) {
      expect(address).toMatch(/^192\.168\.150\.(19[2-9]|2[01]\d|22[0-3])$/);
      // What is not of the network goes to its router, and names are asked of whom the stack's file says.
      const on = (command: string) => checkout.onMachine(name, address, command);
      expect(await on("ip route show default")).toContain("via 192.168.150.1 ");
      expect(await on("cat /etc/resolv.conf")).toContain("nameserver 192.168.150.2");
      // As a host of the network would.
      await run("ip", ["netns", "exec", router, "bash", "-c", `exec 3<>/dev/tcp/${address}/22`]);
    }
  });

  test("a second update with a refresh finds nothing to do", async () => {
    const args = ["--yes", "--skip-preview", "--refresh", "--expect-no-changes"];
    await succeed(checkout.pulumi("up", ...args));
  });

  test("the bridge stays when the stack goes", async () => {
    await succeed(checkout.pulumi("destroy", "--yes", "--skip-preview"));
    expect(await ip("-brief", "address", "show", "br0")).toContain("192.168.150.5/24");
    expect(await ip("-brief", "link", "show", "master", "br0")).not.toContain("vnet");
  });
});
