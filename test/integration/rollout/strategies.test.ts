import { execFile } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { measure } from "../../../cli/autoscale/measure.js";
import { whileAway } from "../../../providers/berth/haproxy/whileAway.js";
import { inOrder } from "../../e2e/support/inOrder.js";
import { settledWorkers } from "../../support/haproxy/settledWorkers.js";
import { addresses, broken, RolloutSite, web } from "../../support/rollout/rolloutSite.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";

// Several updates in one test, on a host that may be busy.
vi.setConfig({ testTimeout: 10 * 60_000 });

inOrder();
let site: RolloutSite;
beforeAll(async () => {
  site = await RolloutSite.start({
    containerImages: { app: { context: "." } },
    services: {
      web: {
        image: "app",
        port: 8080,
        replicas: 3,
        command: web("one"),
        health: { path: "/healthz", interval: "200ms", rise: 1 },
      },
    },
    loadBalancers: {
      public: {
        frontends: {
          plain: { bind: addresses.public, service: "web" },
          secure: { bind: addresses.public, service: "web", tls: { certificates: [{ hosts: ["web"] }] } },
        },
      },
    },
  });
});
afterAll(() => site?.stop());

const limit = { timeout: 30_000, interval: 250 };
const sum = (of: readonly number[]) => of.reduce((total, one) => total + one, 0);
const rates = { keepAlive: 40, fresh: 15, slow: 1, upload: 1, http2: 20 };
/** Something under load, of which no request fails. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const load = await site.load(rates);
  const result = await work();
  const { phases, failures } = await load.stop();
  expect(failures).toEqual([]);
  console.log(`${phases.reduce((sum, { requests }) => sum + requests, 0)} requests, 0 failed`);
  return result;
}
/** What is seen meanwhile, again and again, one look after the other. */
async function watching<T>(look: () => Promise<T>, work: () => Promise<unknown>): Promise<T[]> {
  const seen: T[] = [];
  let over = false;
  const looking = (async () => {
    while (!over) {
      seen.push(await look());
      await setTimeout(200);
    }
  })();
  try {
    await work();
  } finally {
    over = true;
    await looking;
  }
  return seen;
}
/** The least and the most containers of the service that run meanwhile. */
async function counting(work: () => Promise<unknown>): Promise<[number, number]> {
  const running = async () => (await site.containers()).filter((one) => one.endsWith(" running")).length;
  const seen = await watching(running, work);
  return [Math.min(...seen), Math.max(...seen)];
}
/** What the page is answered with over TLS. */
async function secureStatus(): Promise<string> {
  const curl = ["curl", "--insecure", "--silent", "--output", "/dev/null", "--max-time", "10"];
  const url = `https://${addresses.public}/`;
  const namespace = `--net=${site.server.netns()}`;
  return (await promisify(execFile)("nsenter", [namespace, ...curl, "--write-out", "%{http_code}", url]))
    .stdout;
}
/** The workers of the load balancer. */
async function haproxy(): Promise<number[]> {
  const filters = { label: ["berth.loadBalancer=public"] };
  const [found] = await site.server.docker.listContainers({ filters });
  return settledWorkers(site.server.docker.getContainer(found!.Id));
}
/** All weights that the servers in force have meanwhile, the old ones' first. */
async function weighing(work: () => Promise<unknown>): Promise<Set<string>> {
  return new Set(await watching(async () => Object.values(await site.servers()).join(" "), work));
}
const change = (to: Record<string, unknown>) =>
  site.edit((config) => Object.assign(config["services"]!["web"], to));
const balancer = { "berth.loadBalancer": "public", "berth.stack": "dev" };
const declared = ["web-1 running", "web-2 running", "web-3 running"];

test("the first update brings all up at once", async () => {
  await site.up();
  expect(Object.keys(await site.servers())).toHaveLength(3);
});

test("rolling, one more at a time: never more than one runs beyond the number", async () => {
  change({ command: web("two"), rollout: { strategy: "rolling", maxSurge: 1, maxUnavailable: 0 } });
  expect(await counting(() => quietly(() => site.up()))).toEqual([3, 4]);
  expect(await site.containers()).toEqual(declared);
  await site.up("--expect-no-changes");
});

test("a canary that answers with errors goes back by itself, and the update says why", async () => {
  const before = await site.servers();
  const rollout = {
    strategy: "canary",
    weights: [20],
    hold: "20s",
    check: { errorPercent: 5, minRequests: 10 },
  };
  change({ command: web("three", `${broken}; echo a defect in three`), rollout });
  const load = await site.load(rates);
  const output = await site.fails();
  const { phases } = await load.stop();
  expect(output).toMatch(
    /service "web": the rollout stopped at 20 % and went back; the old replicas serve all requests\. \d+ of \d+ answers of the new replicas were errors/,
  );
  expect(output).toMatch(/The last log lines of web-1:\s+(\| )?a defect in three/);
  // It had its share of the requests, and no more.
  const [{ requests, failed }] = phases as [(typeof phases)[0]];
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThan(0.3 * requests);
  expect(await site.servers()).toEqual(before);
});

test("and the next update goes on from there: the canary gets its share, and then all", async () => {
  change({
    command: web("four"),
    rollout: { strategy: "canary", weights: [20], hold: "3s", check: { errorPercent: 5, minRequests: 1 } },
  });
  const seen = await weighing(() => quietly(() => site.up()));
  // Three old servers with 80 %, three new ones with 20 %.
  expect([...seen]).toContain("256 256 256 64 64 64");
  expect(await site.containers()).toEqual(declared);
  expect(Object.values(await site.servers())).toEqual([1, 1, 1]);
  await site.up("--expect-no-changes");
});

test("certificates are in force through every stage, and HAProxy runs on", async () => {
  const before = await haproxy();
  change({
    command: web("four and a half"),
    rollout: { strategy: "canary", weights: [20, 50], hold: "1s" },
  });
  const codes = new Set(await watching(secureStatus, () => quietly(() => site.up())));
  expect([...codes, await secureStatus()]).toEqual(["200", "200"]);
  expect(await haproxy()).toEqual(before);
});

test("blue/green whose probe fails goes back, and with a good one all requests change over at once", async () => {
  const before = await site.servers();
  const check = { path: "/ready", status: 200 };
  change({ command: web("five"), rollout: { strategy: "blueGreen", hold: "10s", check } });
  const output = await quietly(() => site.fails());
  expect(output).toMatch(/\/ready: 404 .*200 is expected/);
  expect(await site.servers()).toEqual(before);

  change({
    command: web("six", "echo yes >/srv/ready"),
    rollout: { strategy: "blueGreen", hold: "2s", check },
  });
  const seen = await weighing(() => quietly(() => site.up()));
  expect([...seen]).toContain("0 0 0 1 1 1");
  expect(await site.containers()).toEqual(declared);
});

test("rolling without one more: at most one is missing, also where the new one can't run", async () => {
  const rollout = { strategy: "rolling", maxSurge: 0, maxUnavailable: 1 };
  const good = web("seven");
  change({ command: good, rollout });
  expect(await counting(() => quietly(() => site.up()))).toEqual([2, 3]);
  expect(await site.containers()).toEqual(declared);

  change({ command: ["sh", "-c", "echo no configuration; exit 3"] });
  expect(await quietly(() => site.fails())).toContain("no configuration");
  expect(Object.keys(await site.servers())).toHaveLength(2);
  // The one that had to go is the right one again.
  change({ command: good });
  await quietly(() => site.up());
  expect(Object.keys(await site.servers())).toHaveLength(3);
  expect(await site.containers()).toEqual(declared);
});

test("what autoscaling goes by is what HAProxy has counted", async () => {
  const load = await site.load({ fresh: 50, slow: 1 });
  const target = { docker: { host: site.server.host }, labels: balancer };
  // About as many slow requests are under way as there will be.
  await vi.waitFor(async () => expect(sum(await site.sessions())).toBeGreaterThanOrEqual(3), limit);
  load.phase("sample");
  const figures = (await measure([target], ["web"], 6000, AbortSignal.timeout(60_000))).get("web")!;
  load.phase("after");
  const { phases } = await load.stop();
  const { requests, seconds } = phases.find(({ name }) => name === "sample")!;
  expect(figures.requests).toBeGreaterThan((0.6 * requests) / seconds);
  expect(figures.requests).toBeLessThan((1.6 * requests) / seconds);
  // One a second, of four seconds each.
  expect(figures.sessions).toBeGreaterThan(1);
  expect(figures.responseMs).toBeLessThan(2000);
});

test("a change that HAProxy is reloaded for, with streams of one HTTP/2 connection under way too", async () => {
  const before = await haproxy();
  site.edit((config) => {
    config["loadBalancers"]!["public"]!.timeouts = { client: "40s" };
  });
  await quietly(() => site.up());
  expect(await haproxy()).not.toEqual(before);
});

test("two HAProxies on one file, as an update leaves them that fails when the new one is there, both follow a rollout", async () => {
  site.edit((config) => {
    config["loadBalancers"]!["public"]!.raw = { global: ["no-such-word"] };
  });
  const refused = await quietly(async () => {
    await site.useOtherHaproxy();
    return site.fails();
  });
  expect(refused).toContain("no-such-word");
  const balancers = () =>
    site.server.docker.listContainers({ filters: { label: ["berth.loadBalancer=public"] } });
  expect(await balancers()).toHaveLength(2);
  site.edit((config) => {
    delete config["loadBalancers"]!["public"]!.raw;
  });
  change({ command: web("eight"), rollout: { strategy: "rolling", maxSurge: 1, maxUnavailable: 0 } });
  await quietly(() => site.up());
  expect(await balancers()).toHaveLength(1);
  expect(await site.containers()).toEqual(declared);
  expect(Object.keys(await site.servers())).toHaveLength(3);
});

describe("a machine that restarts", () => {
  const machine = addresses.two;
  /** All of its containers end at once, as with a machine that is shut off, and come back. */
  async function restart(): Promise<void> {
    const found = await site.server.docker.listContainers({ filters: { label: ["berth.machine=two"] } });
    const containers = found.map(({ Id }) => site.server.docker.getContainer(Id));
    expect(containers.length).toBeGreaterThan(0);
    await Promise.all(containers.map((one) => one.kill()));
    await setTimeout(1000);
    await Promise.all(containers.map((one) => one.start()));
  }
  test("gets no requests meanwhile, and gets them again when it is well", async () => {
    const call = testCall();
    await quietly(async () => {
      const target = { docker: { host: site.server.host }, labels: balancer };
      expect(await whileAway(machine, [target], call, restart)).toMatchObject({ isBack: true });
    });
    expect(call.told.filter((line) => line.startsWith("warning"))).toEqual([]);
    const states = (await site.ask("show servers state web"))
      .split("\n")
      .filter((line) => line.includes(machine));
    // Operational state 2: up; administrative state 0: nothing is forced.
    for (const line of states) expect(line).toContain(` ${machine} 2 0 `);
    expect(states.length).toBeGreaterThan(0);
  });

  test("loses what was under way where it restarts as it is", async () => {
    // Nothing but slow ones: round robin gives each server its share of them, however the rates of others fall together.
    const load = await site.load({ slow: 4 });
    await vi.waitFor(async () => expect(Math.min(...(await site.sessions()))).toBeGreaterThan(0), limit);
    await restart();
    const { phases } = await load.stop();
    expect(phases[0]!.failed).toBeGreaterThan(0);
  });
});
