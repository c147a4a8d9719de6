import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Checkout, type Output } from "../../e2e/support/checkout.js";
import { readLab } from "../../e2e/support/lab.js";
import { startLoad } from "../../support/load/startLoad.js";
import { onInterrupt } from "../support/onInterrupt.js";
import { asPair, type Killed, killLoadBalancers, killMachine } from "./killed.js";
import type { Part } from "./table.js";

/** What two emulated machines answer while their Docker is at work as well. */
const rates = { keepAlive: 12, fresh: 6, slow: 0.5, upload: 0.5 };
const steadySeconds = 20;
const names = ["web-1", "web-2"] as const;

/** What a user would edit in the stack's file. */
type Change = Parameters<Checkout["edit"]>[0];

/** One change of each kind on real machines: a stack of two, with a replica on each, and HAProxy in front. */
export async function machines(only: RegExp, print: (text: string) => void): Promise<Part> {
  const checkout = new Checkout("dev");
  const succeed = async (work: Promise<Output>) => {
    const { code, stdout, stderr } = await work;
    if (code !== 0) throw new Error(`${stdout}\n${stderr}`);
  };
  const update = (change: Change) => async () => {
    checkout.edit(change);
    await succeed(checkout.pulumi("up", "--yes", "--skip-preview"));
  };
  /** What is gone comes back. */
  const recover = () =>
    succeed(checkout.pulumi("up", "--yes", "--skip-preview", "--refresh", "--run-program"));
  const version = (name: string): Change => {
    return (config) => {
      config["berth:containerImages"].web.args = { VERSION: name };
    };
  };
  const web = (to: object): Change => {
    return (config) => Object.assign(config["berth:services"].web, to);
  };
  const steps: [string, () => Promise<void>][] = [
    ["rollout", update(version("2"))],
    [
      "canary",
      update((config) => {
        version("3")(config);
        web({ rollout: { strategy: "canary", weights: [20], hold: "10s", check: { path: "/healthz" } } })(
          config,
        );
      }),
    ],
    ["a machine restarted", () => succeed(berth("restart", "web-2"))],
    [
      "a machine drained",
      update((config) => {
        config["berth:machines"]["web-2"] = { drain: true };
      }),
    ],
    [
      "and used again, scale 2 to 3",
      update((config) => {
        config["berth:machines"]["web-2"] = {};
        web({ replicas: 3 })(config);
      }),
    ],
    ["scale 3 to 1", update(web({ replicas: 1 }))],
  ];
  const berth = (command: string, ...args: string[]) => {
    const where = ["--stack", checkout.stack, "--config-file", checkout.configFile];
    return checkout.run(join(checkout.home, "bin/berth"), [command, ...args, ...where]);
  };
  /** A replica's container removed and made anew, as `docker compose up` and a delete-first replacement do it. */
  const naive = async () => {
    const inventory = await checkout.inventory();
    for (const { replica, machine, port } of inventory.services[0]!.replicas) {
      const { address } = inventory.machines.find(({ name }) => name === machine)!;
      const command = [
        `id=$(docker ps --quiet --filter label=berth.replica=${replica})`,
        `image=$(docker inspect --format '{{.Image}}' "$id")`,
        'docker rm --force "$id"',
        `docker run --detach --publish ${address}:${port}:80 "$image"`,
      ].join(" && ");
      await checkout.onMachine(machine, address, command);
    }
  };

  const errors: string[] = [];
  const settle = onInterrupt(() => checkout.discard());
  try {
    checkout.edit((config) => {
      config["berth:containerImages"].web = { context: "test/bench/rollout/image", args: { VERSION: "1" } };
      web({ health: { path: "/healthz", timeout: "10s" }, spread: undefined })(config);
    });
    print("two machines, a replica on each, and HAProxy: a few minutes");
    await succeed(checkout.npm("start"));
    const { netns } = readLab(checkout.home);
    const { url } = (await checkout.inventory()).loadBalancers[0]!;
    const load = await startLoad({ url, rates }, netns);
    load.phase("machines: steady");
    await setTimeout(steadySeconds * 1000);
    for (const [name, work] of steps.filter(([name]) => only.test(name))) {
      load.phase(`machines: ${name}`);
      const start = Date.now();
      await work().catch(({ message }: Error) => errors.push(`${name}: ${message}`));
      print(`machines: ${name}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
    }
    load.phase("machines: steady again");
    await setTimeout(steadySeconds * 1000);
    const report = await load.stop();

    const killed: Killed[] = [];
    if (only.test("killed")) {
      await update(web({ replicas: 2, rollout: {} }))();
      killed.push(await killMachine(checkout, "web-2", rates));
      print(`machines: ${killed[0]!.what}: ${killed[0]!.seen}`);
      await recover();
      checkout.edit((config) => asPair(config, names));
      await succeed(checkout.npm("start"));
      killed.push(...(await killLoadBalancers(checkout, names)));
      for (const { what, seen } of killed.slice(1)) print(`machines: ${what}: ${seen}`);
      await recover();
    }

    const against = await startLoad(
      { url: (await checkout.inventory()).loadBalancers[0]!.url, rates },
      netns,
    );
    against.phase("machines: delete first, create after");
    await naive();
    const unplanned = await against.stop();
    return {
      planned: report.phases.filter(({ requests }) => requests > 0),
      killed,
      naive: unplanned.phases.slice(1),
      failures: report.failures,
      errors,
    };
  } finally {
    settle();
    await checkout.discard();
  }
}
