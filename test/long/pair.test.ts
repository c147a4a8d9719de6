import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Checkout } from "../e2e/support/checkout.js";
import { inOrder } from "../e2e/support/inOrder.js";
import { readLab } from "../e2e/support/lab.js";
import { measureGap } from "../support/load/measureGap.js";
import { startLoad } from "../support/load/startLoad.js";

const address = "192.168.130.9";
const url = `http://${address}/`;
/** What a killed load balancer of a pair may cost. */
const mostMs = 3_000;

interface Inventory {
  machines: { name: string; address: string; domain: string }[];
  loadBalancers: { url: string }[];
}

/** Two machines with HAProxy and one address, and a third with the service behind. */
describe("a pair of load balancers on real machines", () => {
  inOrder();
  const checkout = new Checkout("dev");
  afterAll(() => checkout.discard());
  const edges = ["edge-1", "edge-2"];

  const succeed = async (work: ReturnType<Checkout["npm"]>) => {
    const output = await work;
    expect(output.code, `${output.stdout}\n${output.stderr}`).toBe(0);
    return output.stdout;
  };
  const inventory = async (): Promise<Inventory> => {
    const args = ["stack", "output", "inventory", "--json", "--stack", checkout.stack];
    return JSON.parse(await succeed(checkout.run(join(checkout.home, "bin/pulumi"), args)));
  };
  const on = async (name: string, command: string) => {
    const { machines } = await inventory();
    return checkout.onMachine(name, machines.find((one) => one.name === name)!.address, command);
  };
  const netns = () => readLab(checkout.home).netns;
  /** The machines that have the address now: one, or for a moment none. */
  const active = async (among = edges): Promise<string[]> => {
    const found: string[] = [];
    for (const name of among) {
      const has = await on(name, `ip -o -4 addr show | grep -c ' ${address}/' || true`);
      if (has !== "0") found.push(name);
    }
    return found;
  };
  const other = (name: string) => edges.find((one) => one !== name)!;
  const haproxyOf = (name: string) =>
    on(name, `docker ps --all --filter label=berth.loadBalancer=public --format '{{.Names}}'`);
  const becomes = (name: string, among = edges) =>
    expect.poll(() => active(among), { timeout: 60_000, interval: 500 }).toEqual([name]);

  test("answers at its one address, which one machine has", async () => {
    checkout.edit((config) => {
      config["berth:machines"] = { "edge-1": {}, "edge-2": {}, "app-1": {} };
      config["berth:services"] = {
        web: { image: "web", port: 80, replicas: 1, memory: "64MiB", machines: ["app-1"] },
      };
      config["berth:loadBalancers"] = { public: { machines: edges, virtualAddress: { address } } };
    });
    await succeed(checkout.npm("start"));
    expect((await inventory()).loadBalancers).toEqual([{ name: "public", url }]);
    await expect.poll(async () => (await active()).length, { timeout: 60_000, interval: 500 }).toBe(1);
    const { answered } = await measureGap(url, netns(), async () => {});
    expect(answered).toBeGreaterThan(0);
  });

  test("a change of its configuration comes into force on both, and no request fails", async () => {
    const load = await startLoad({ url, rates: { keepAlive: 10, fresh: 5 } }, netns());
    checkout.edit((config) => {
      config["berth:loadBalancers"].public.maxConnections = 3000;
    });
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview"));
    const { phases, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(phases[0]!.requests).toBeGreaterThan(100);
    for (const name of edges) {
      const config = await on(
        name,
        `docker exec ${await haproxyOf(name)} busybox cat /etc/haproxy/haproxy.cfg`,
      );
      expect(config).toContain("maxconn 3000");
    }
  });

  test("where HAProxy on the active machine is killed, the other takes over, and keeps the address", async () => {
    const [first = ""] = await active();
    const container = await haproxyOf(first);
    const gap = await measureGap(url, netns(), async () => {
      await on(first, `docker kill ${container}`);
      await becomes(other(first));
    });
    console.log(`HAProxy killed: ${JSON.stringify(gap)}`);
    expect(gap.longestMs).toBeLessThan(mostMs);
    await on(first, `docker start ${container}`);
    const back = await measureGap(url, netns(), () => becomes(other(first)));
    expect(back.failed).toBe(0);
  });

  test("where the active machine is killed, the other takes over within three seconds", async () => {
    const [first = ""] = await active();
    const { domain } = (await inventory()).machines.find(({ name }) => name === first)!;
    const socket = `/run/berth/${readLab(checkout.home).id}/libvirt/libvirt-sock`;
    const gap = await measureGap(url, netns(), async () => {
      await succeed(checkout.run("virsh", ["-c", `qemu+unix:///system?socket=${socket}`, "destroy", domain]));
      await becomes(other(first), [other(first)]);
    });
    console.log(`machine killed: ${JSON.stringify(gap)}`);
    expect(gap.longestMs).toBeLessThan(mostMs);
    expect(gap.answered).toBeGreaterThan(20);

    // The next update starts it again; the address stays where it is.
    const again = await measureGap(url, netns(), async () => {
      await succeed(checkout.pulumi("up", "--yes", "--skip-preview", "--refresh", "--run-program"));
    });
    expect(await active()).toEqual([other(first)]);
    expect(again.longestMs).toBeLessThan(mostMs);
    expect(await haproxyOf(first)).not.toBe("");
  });
});
