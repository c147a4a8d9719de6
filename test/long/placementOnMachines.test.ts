import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Checkout } from "../e2e/support/checkout.js";
import { inOrder } from "../e2e/support/inOrder.js";
import { readLab } from "../e2e/support/lab.js";
import { answeringWith } from "../e2e/support/machineService.js";
import { startLoad } from "../support/load/startLoad.js";

interface Plan {
  assignment: Record<string, string>;
  losses: { machine: string; lost: string[]; down: string[]; homeless: string[] }[];
}

/** A machine that dies is out of HAProxy's backends after some six seconds. */
const health = { path: "/healthz", interval: "2s", timeout: "2s", fall: 3, rise: 2 };

/** Placement as machines see it: what runs where, moves under load, and what a machine's death does. */
describe("placement on real machines", () => {
  inOrder();
  const checkout = new Checkout("dev");
  afterAll(() => checkout.discard());

  const succeed = async (work: ReturnType<Checkout["npm"]>) => {
    const output = await work;
    expect(output.code, `${output.stdout}\n${output.stderr}`).toBe(0);
    return output.stdout;
  };
  const berth = (...args: string[]) =>
    succeed(
      checkout.run(join(checkout.home, "bin/berth"), [
        ...args,
        ...["--stack", checkout.stack, "--config-file", checkout.configFile],
      ]),
    );
  const up = (...args: string[]) => succeed(checkout.pulumi("up", "--yes", "--skip-preview", ...args));
  const plan = async (): Promise<Plan> => JSON.parse(await berth("plan", "--json"));
  /** Replica → machine, as each machine's own Docker says. */
  const running = async (): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for (const { name, address } of (await checkout.inventory()).machines) {
      const command = `docker ps --format '{{.Label "berth.replica"}}'`;
      for (const replica of (await checkout.onMachine(name, address, command)).split("\n")) {
        if (replica !== "") found[replica] = name;
      }
    }
    return found;
  };
  /** Which services answer: status 200 from the load balancer, asked in the lab's network. */
  const answering = async (): Promise<string[]> => {
    const { url } = (await checkout.inventory()).loadBalancers[0]!;
    const found: string[] = [];
    for (const [service, path] of [
      ["web", "/"],
      ["solo", "/api"],
    ] as const) {
      const { stdout } = await checkout.inLab(
        process.execPath,
        "-e",
        `fetch(process.argv[1], { signal: AbortSignal.timeout(20000) }).then((it) => console.log(it.status), () => {})`,
        new URL(path, url).href,
      );
      if (stdout.trim() === "200") found.push(service);
    }
    return found;
  };

  test("what was planned is what each machine runs", async () => {
    checkout.edit((config) => {
      config["berth:machines"] = { "web-1": {}, "web-2": {}, "web-3": {} };
      config["berth:services"] = {
        web: {
          image: "web",
          port: 80,
          replicas: 4,
          memory: "64MiB",
          health,
          pins: { 1: "web-1", 2: "web-1", 3: "web-1", 4: "web-2" },
        },
        solo: {
          image: "web",
          port: 80,
          publish: 8080,
          replicas: 1,
          memory: "64MiB",
          health,
          pins: { 1: "web-3" },
        },
      };
      config["berth:loadBalancers"].public.routes = [{ path: "/api", service: "solo" }];
    });
    await succeed(checkout.npm("start"));
    const { assignment } = await plan();
    expect(assignment).toEqual({
      "solo-1": "web-3",
      ...{ "web-1": "web-1", "web-2": "web-1", "web-3": "web-1", "web-4": "web-2" },
    });
    expect(await running()).toEqual(assignment);
  });

  test("a better placement is reached step by step, and no request fails", async () => {
    checkout.edit((config) => {
      delete config["berth:services"].web.pins;
      delete config["berth:services"].solo.pins;
    });
    await up();
    const before = await running();
    expect(before, "nothing moves by itself").toEqual((await plan()).assignment);

    const load = await startLoad(
      { url: (await checkout.inventory()).loadBalancers[0]!.url, rates: { keepAlive: 20, fresh: 5 } },
      readLab(checkout.home).netns,
    );
    const printed = await berth("rebalance", "--yes");
    const { phases, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(phases[0]!.requests).toBeGreaterThan(250);

    const moves = [...printed.matchAll(/(\S+): (\S+) → (\S+)/g)].map(([, key, from, to]) => ({
      key,
      from,
      to,
    }));
    expect(moves.length).toBeGreaterThan(0);
    const expected = { ...before };
    for (const { key, from, to } of moves) {
      expect(expected[key!]).toBe(from);
      expected[key!] = to!;
    }
    expect(await running()).toEqual(expected);
    expect(await berth("rebalance")).toBe("nothing to gain\n");
  });

  test("a machine is drained for its maintenance and used again, and no request fails", async () => {
    const before = await running();
    const load = await startLoad(
      { url: (await checkout.inventory()).loadBalancers[0]!.url, rates: { keepAlive: 20, fresh: 5 } },
      readLab(checkout.home).netns,
    );
    await berth("drain", "web-2");
    const drained = await running();
    await berth("drain", "web-2", "--undo");
    const { phases, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(phases[0]!.requests).toBeGreaterThan(250);
    expect(Object.keys(drained).sort()).toEqual(Object.keys(before).sort());
    expect(Object.values(drained)).not.toContain("web-2");
    expect(await running(), "what moved away does not move back by itself").toEqual(drained);
  });

  test.each(["web-1", "web-2", "web-3"])("%s dies: what is down is what the plan said", async (machine) => {
    const { losses, assignment } = await plan();
    const verdict = losses.find((one) => one.machine === machine)!;
    expect(verdict.lost.sort()).toEqual(
      Object.keys(assignment)
        .filter((key) => assignment[key] === machine)
        .sort(),
    );
    expect(await answering()).toEqual(["web", "solo"]);

    const { domain } = (await checkout.inventory()).machines.find(({ name }) => name === machine)!;
    await checkout.virsh("destroy", domain);
    await expect
      .poll(answering, { timeout: 60_000, interval: 500 })
      .toEqual(["web", "solo"].filter((service) => !verdict.down.includes(service)));

    // Everything back where it was.
    await up("--refresh");
    expect(await running()).toEqual(assignment);
    await expect.poll(answering, { timeout: 60_000, interval: 500 }).toEqual(["web", "solo"]);
  });

  test("a machine that dies and is given up: everything fits again, as the plan said", async () => {
    const { losses } = await plan();
    const gone = losses.find(({ down }) => down.includes("solo"))!;
    expect(gone.homeless).toEqual([]);
    const { domain } = (await checkout.inventory()).machines.find(({ name }) => name === gone.machine)!;
    await checkout.virsh("destroy", domain);
    checkout.edit((config) => {
      delete config["berth:machines"][gone.machine];
    });
    await up();
    expect(Object.keys(await running()).sort()).toEqual(["solo-1", "web-1", "web-2", "web-3", "web-4"]);
    expect(await answering()).toEqual(["web", "solo"]);
  });

  test("a service that runs as a machine is changed for another machine beside it, and no request fails", async () => {
    const db = (text: string) => ({
      runsAs: "machine",
      port: 8080,
      cloudConfig: answeringWith(text),
      health: { ...health, path: "/db" },
    });
    checkout.edit((config) => {
      config["berth:hypervisors"] = { local: { capacity: { cpus: 16, memory: "16GiB", disk: "64GiB" } } };
      config["berth:services"].db = db("one");
      config["berth:loadBalancers"].public.routes.push({ path: "/db", service: "db" });
    });
    expect(await berth("plan")).toMatch(/db-1 +new +→ local +the only machine that it may run on/);
    expect(await succeed(checkout.pulumi("preview"))).toMatch(/db-1 +new +→ local/);
    await up();
    await up("--expect-no-changes");
    expect(await berth("graph")).toMatch(/^hypervisor local .* db-1$/m);
    const { url } = (await checkout.inventory()).loadBalancers[0]!;
    const guest = async () =>
      (await checkout.inventory()).services.find(({ name }) => name === "db")!.replicas[0]!.guest;
    const first = await guest();
    const load = await startLoad(
      { url: new URL("/db", url).href, rates: { keepAlive: 10, fresh: 3 } },
      readLab(checkout.home).netns,
    );
    checkout.edit((config) => {
      config["berth:services"].db = db("two");
    });
    await up();
    const { phases, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(phases[0]!.requests).toBeGreaterThan(50);
    expect(await guest()).not.toBe(first);
    const asked = await checkout.inLab("curl", "-s", new URL("/db", url).href);
    expect(asked.stdout).toBe("two\n");

    checkout.edit((config) => {
      delete config["berth:services"].db;
      config["berth:loadBalancers"].public.routes.pop();
    });
    await up();
  });
});
