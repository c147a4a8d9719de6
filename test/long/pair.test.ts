import { afterAll, describe, expect, test } from "vitest";
import { Checkout } from "../e2e/support/checkout.js";
import { inOrder } from "../e2e/support/inOrder.js";
import { readLab } from "../e2e/support/lab.js";
import { PairOfMachines } from "../e2e/support/pairOfMachines.js";
import { measureGap } from "../support/load/measureGap.js";
import { startLoad } from "../support/load/startLoad.js";

const address = "192.168.130.9";
const url = `http://${address}/`;
/** What a killed load balancer of a pair may cost. */
const mostMs = 3_000;

/** Two machines with HAProxy and one address, and a third with the service behind. */
describe("a pair of load balancers on real machines", () => {
  inOrder();
  const checkout = new Checkout("dev");
  afterAll(() => checkout.discard());
  const edges = ["edge-1", "edge-2"] as const;
  const pair = new PairOfMachines(checkout, address, edges);

  const succeed = async (work: ReturnType<Checkout["npm"]>) => {
    const output = await work;
    expect(output.code, `${output.stdout}\n${output.stderr}`).toBe(0);
    return output.stdout;
  };
  const netns = () => readLab(checkout.home).netns;

  test("answers at its one address, which one machine has", async () => {
    checkout.edit((config) => {
      config["berth:machines"] = { "edge-1": {}, "edge-2": {}, "app-1": {} };
      config["berth:services"] = {
        web: { image: "web", port: 80, replicas: 1, memory: "64MiB", machines: ["app-1"] },
      };
      config["berth:loadBalancers"] = { public: { machines: [...edges], virtualAddress: { address } } };
    });
    await succeed(checkout.npm("start"));
    expect((await checkout.inventory()).loadBalancers).toEqual([{ name: "public", url }]);
    await pair.settled();
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
      const command = `docker exec ${await pair.haproxyOn(name)} busybox cat /etc/haproxy/haproxy.cfg`;
      const config = await pair.on(name, command);
      expect(config).toContain("maxconn 3000");
    }
  });

  test("where HAProxy on the active machine is killed, the other takes over, and keeps the address", async () => {
    const first = await pair.settled();
    const container = await pair.haproxyOn(first);
    const gap = await measureGap(url, netns(), async () => {
      await pair.on(first, `docker kill ${container}`);
      await pair.becomes(pair.other(first));
    });
    console.log(`HAProxy killed: ${JSON.stringify(gap)}`);
    expect(gap.longestMs).toBeLessThan(mostMs);
    await pair.on(first, `docker start ${container}`);
    const back = await measureGap(url, netns(), () => pair.becomes(pair.other(first)));
    expect(back.failed).toBe(0);
  });

  test("where the active machine is killed, the other takes over within three seconds", async () => {
    const first = await pair.settled();
    const gap = await measureGap(url, netns(), async () => {
      await pair.cutPower(first);
      await pair.becomes(pair.other(first), [pair.other(first)]);
    });
    console.log(`machine killed: ${JSON.stringify(gap)}`);
    expect(gap.longestMs).toBeLessThan(mostMs);
    expect(gap.answered).toBeGreaterThan(10);

    // The next update starts it again; the address stays where it is.
    const again = await measureGap(url, netns(), async () => {
      await succeed(checkout.pulumi("up", "--yes", "--skip-preview", "--refresh", "--run-program"));
    });
    expect(await pair.active()).toEqual([pair.other(first)]);
    expect(again.longestMs).toBeLessThan(mostMs);
    expect(await pair.haproxyOn(first)).not.toBe("");
  });
});
