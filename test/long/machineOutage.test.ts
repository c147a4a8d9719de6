import { afterAll, describe, expect, test } from "vitest";
import { Checkout, type Output } from "../e2e/support/checkout.js";
import { inOrder } from "../e2e/support/inOrder.js";
import { readLab } from "../e2e/support/lab.js";
import { ask } from "../e2e/support/prober.js";
import { watchEndpoints } from "../support/watchEndpoints.js";

/** What the preview says will stop, and what somebody outside sees stop. */
describe("a restart of machines in stack dev", () => {
  inOrder();
  const checkout = new Checkout("dev");
  afterAll(() => checkout.discard(), 600_000);
  let url = "";

  const succeed = async (work: Promise<Output>) => {
    const { code, stdout, stderr } = await work;
    expect(code, stdout + stderr).toBe(0);
    return stdout + stderr;
  };
  const up = (...args: string[]) => succeed(checkout.pulumi("up", "--yes", "--skip-preview", ...args));
  const replicas = async () => (await checkout.inventory()).services.flatMap((service) => service.replicas);
  const change = (machines: Record<string, object>) =>
    checkout.edit((config) => {
      config["berth:machines"] = machines;
    });
  /** Servers that HAProxy has seen go down since. */
  const downServers = async (since: Date): Promise<string[]> => {
    const docker = `docker -H ${readLab(checkout.home).dockerHost}`;
    const logs = `for id in $(${docker} ps -q); do ${docker} logs --since ${since.toISOString()} $id 2>&1; done`;
    const said = await succeed(checkout.run("sh", ["-c", logs]));
    return [...new Set([...said.matchAll(/Server \S+\/(\S+) is DOWN/g)].map(([, server]) => server!))].sort();
  };
  /** What the preview says of each machine: containers and the load balancer's servers, by machine. */
  const predicted = async () => {
    const said = await succeed(checkout.pulumi("preview"));
    // Among the diagnostics, as the engine repeats it in the lines of its progress.
    const found = [...said.matchAll(/^ +warning: (\S+) restarts \(([^)]*)\): (.*) stop for (\S+) at most/gm)];
    return found.map(([, machine, because, list, limit]) => ({
      machine,
      because,
      limit,
      containers: list!.split(/, (?!server)/).map((one) => one.split(" ")[0]!),
      servers: [...list!.matchAll(/server public\/([^,)]+)/g)].map(([, server]) => server!),
    }));
  };

  test("comes up with two replicas in each machine", async () => {
    checkout.edit((config) => {
      config["berth:services"].web.replicas = 4;
    });
    const started = checkout.npm("start");
    await succeed(started);
    url = (await started).stdout.trim().split("\n").at(-1)!;
    expect((await replicas()).map(({ machine }) => machine).sort()).toEqual([
      "web-1",
      "web-1",
      "web-2",
      "web-2",
    ]);
  });

  test("what the preview names is what stops, one machine after another, and nothing else", async () => {
    const before = await replicas();
    change({ "web-1": { memory: "1152MiB" }, "web-2": { memory: "1152MiB" } });
    const plan = await predicted();
    expect(plan.map(({ machine, because }) => `${machine} ${because}`).sort()).toEqual([
      "web-1 memory 1024 → 1152 MiB",
      "web-2 memory 1024 → 1152 MiB",
    ]);
    const since = new Date();
    const watch = watchEndpoints(
      readLab(checkout.home).netns,
      before.map(({ replica, address, port }) => ({ name: replica, address, port })),
    );
    await up();
    const outages = await watch.stop();
    for (const { machine, containers } of plan) {
      const there = before.filter((one) => one.machine === machine).map(({ replica }) => replica);
      expect(containers.sort()).toEqual(there.sort());
    }
    const stopped = [...new Set(outages.map(({ name }) => name))].sort();
    expect(stopped).toEqual(plan.flatMap(({ containers }) => containers).sort());
    expect(await downServers(since)).toEqual(plan.flatMap(({ servers }) => servers).sort());

    // No two machines at once, and no longer than was said.
    const machineOf = (name: string) => before.find(({ replica }) => replica === name)!.machine;
    const spans = ["web-1", "web-2"].map((machine) => {
      const those = outages.filter(({ name }) => machineOf(name) === machine);
      return {
        from: Math.min(...those.map(({ from }) => from)),
        to: Math.max(...those.map(({ to }) => to)),
      };
    });
    const [first, second] = spans.sort((one, two) => one.from - two.from) as [
      (typeof spans)[0],
      (typeof spans)[0],
    ];
    expect(second.from).toBeGreaterThan(first.to);
    const [minutes] = /^\d+/.exec(plan[0]!.limit!)!;
    for (const { from, to } of spans) {
      console.log(`away for ${Math.round((to - from) / 1000)} s`);
      expect(to - from).toBeLessThan(Number(minutes) * 60_000);
    }
    await ask(url);
  });

  test("one machine alone: the other's replicas are neither named nor away", async () => {
    const before = await replicas();
    change({ "web-1": { memory: "1152MiB" }, "web-2": { memory: "1280MiB", maxMemory: "2GiB" } });
    const [only, ...rest] = await predicted();
    expect(rest).toEqual([]);
    const watch = watchEndpoints(
      readLab(checkout.home).netns,
      before.map(({ replica, address, port }) => ({ name: replica, address, port })),
    );
    await up();
    const stopped = [...new Set((await watch.stop()).map(({ name }) => name))].sort();
    expect(stopped).toEqual(only!.containers.sort());
  });

  test("a service that may have none away keeps its machines from restarting: the preview fails and says why", async () => {
    checkout.edit((config) => {
      config["berth:services"].web.rollout = { maxSurge: 1, maxUnavailable: 0 };
    });
    change({ "web-1": { memory: "3GiB" }, "web-2": { memory: "1280MiB", maxMemory: "2GiB" } });
    const { code, stdout, stderr } = await checkout.pulumi("preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /machine "web-1" would restart \(memory 1152 → 3072 MiB\), which stops \S+, \S+, and service "web" says "maxUnavailable": 0\. .*berth drain web-1/,
    );
    checkout.edit((config) => {
      delete config["berth:services"].web.rollout;
    });
  });

  test("what is changed in place stops nothing, and the preview names nothing", async () => {
    const before = await replicas();
    change({
      "web-1": {
        memory: "1152MiB",
        description: "the first",
        disks: { data: { size: "64MiB", mount: "/data" } },
      },
      "web-2": { memory: "1536MiB", maxMemory: "2GiB" },
    });
    expect(await predicted()).toEqual([]);
    const watch = watchEndpoints(
      readLab(checkout.home).netns,
      before.map(({ replica, address, port }) => ({ name: replica, address, port })),
    );
    await up();
    expect(await watch.stop()).toEqual([]);
    await up("--refresh", "--expect-no-changes");
  });
});
