import { setTimeout } from "node:timers/promises";
import { whileAway } from "../../../providers/berth/haproxy/whileAway.js";
import type { Load } from "../../support/load/startLoad.js";
import { addresses, RolloutSite, web } from "../../support/rollout/rolloutSite.js";
import { onInterrupt } from "../support/onInterrupt.js";
import { engineProcessor } from "./engineProcessor.js";
import type { Part } from "./table.js";

/** What two processors answer while the engine, Docker and HAProxy change everything beside it. */
const rates = { keepAlive: 240, fresh: 60, slow: 2, upload: 2 };
const warmUpSeconds = 20;
/** As long as a rollout takes; also a preview, where the engine works and nothing changes. */
const steadySeconds = 10;
/** Of each strategy but the plain one, and of previews: of one alone, the answers' times say little. */
const ofEach = 7;

type Step = readonly [name: string, work: (site: RolloutSite) => Promise<unknown>];

/** What is changed in the services' or the load balancers' description, and brought about by `pulumi up`. */
const changed = (
  section: "services" | "loadBalancers" | "machines",
  name: string,
  to: object | undefined,
) => {
  return async (site: RolloutSite) => {
    site.edit((config) => {
      const items = config[section]!;
      items[name] = to === undefined ? {} : { ...items[name], ...to };
    });
    await site.up();
  };
};
const service = (to: object) => changed("services", "web", to);
const balancer = (to: object) => changed("loadBalancers", "public", to);
const check = { path: "/healthz", errorPercent: 1, minRequests: 20 };

function steps(rollouts: number, only: RegExp): Step[] {
  const chosen = ([name]: Step) => only.test(name);
  const measured = [
    several("preview", () => (site) => Promise.all([site.preview(), setTimeout(steadySeconds * 1000)])),
    several("rollout", (name) => service({ command: web(name) }), rollouts),
    several("rolling", (name) => service({ command: web(name), rollout: { maxSurge: 1 } })),
    several("canary", (name) =>
      service({
        command: web(name),
        rollout: { strategy: "canary", weights: [10, 50], hold: "5s", check },
      }),
    ),
    several("blue/green", (name) =>
      service({ command: web(name), rollout: { strategy: "blueGreen", hold: "5s", check } }),
    ),
  ]
    .flat()
    .filter(chosen);
  const others: Step[] = [
    ["scale 2 to 8", service({ replicas: 8, rollout: {} })],
    ["scale 8 to 1", service({ replicas: 1 })],
    ["rollout of a single replica", service({ command: web("single") })],
    ["scale 1 to 2", service({ replicas: 2 })],
    ["a machine drained", changed("machines", "two", { drain: true })],
    ["and used again", changed("machines", "two", { drain: false })],
    ["four replicas on two machines", service({ replicas: 4 })],
    ["a machine restarted", restart],
    ["algorithm", balancer({ balance: "leastconn" })],
    ["health check", service({ health: { path: "/", interval: "500ms", rise: 1 } })],
    ["connections at most", balancer({ maxConnections: 3000 })],
    [
      "another image of HAProxy's",
      async (site) => {
        await site.useOtherHaproxy();
        await site.up();
      },
    ],
  ];
  // Steady load before and after each: the host's own speed changes from one minute to the next.
  const resting = (number: number): Step => [`steady ${number}`, () => setTimeout(steadySeconds * 1000)];
  return [
    resting(1),
    ...measured.flatMap((step, index) => [step, resting(index + 2)]),
    ...others.filter(chosen),
  ];
}

/** Its numbers are in the names, and in what the services answer. */
function several(kind: string, step: (name: string) => Step[1], count = ofEach): Step[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${kind} ${index + 1}`;
    return [name, step(name)];
  });
}

/** All containers of a machine end at once and come back, as with a machine that reboots. */
async function restart(site: RolloutSite): Promise<void> {
  const target = {
    docker: { host: site.server.host },
    labels: { "berth.loadBalancer": "public", "berth.stack": "dev" },
  };
  const call = {
    config: undefined,
    urn: "",
    preview: false,
    signal: AbortSignal.timeout(120_000),
    timeoutMs: 120_000,
    log: () => {},
    status: () => {},
  };
  await whileAway(addresses.two, [target], call, async () => {
    const containers = await of(site, "berth.machine=two");
    await Promise.all(containers.map((one) => one.kill()));
    await setTimeout(2000);
    await Promise.all(containers.map((one) => one.start()));
  });
}

async function of({ server: { docker } }: RolloutSite, label: string) {
  return (await docker.listContainers({ filters: { label: [label] } })).map(({ Id }) =>
    docker.getContainer(Id),
  );
}

/** Each replica's container removed and made anew at its port, as `docker compose up -d` and a delete-first replacement do it. */
async function deleteFirst(site: RolloutSite): Promise<void> {
  for (const old of await of(site, "berth.service=web")) {
    const { Config, HostConfig } = await old.inspect();
    await old.remove({ force: true });
    const next = await site.server.docker.createContainer({ ...Config, HostConfig });
    await next.start();
  }
}

/** New containers at other ports, HAProxy's file written anew and reloaded, and the old ones removed. */
async function rewriteAndReload(site: RolloutSite): Promise<void> {
  const { docker } = site.server;
  const olds = await of(site, "berth.service=web");
  const ports: [string, string][] = [];
  for (const old of olds) {
    const { Config, HostConfig } = await old.inspect();
    const bindings = HostConfig.PortBindings as Record<string, { HostIp: string; HostPort: string }[]>;
    const [inner, [binding]] = Object.entries(bindings)[0]! as [
      string,
      [{ HostIp: string; HostPort: string }],
    ];
    const port = String(Number(binding.HostPort) + 500);
    ports.push([`${binding.HostIp}:${binding.HostPort}`, `${binding.HostIp}:${port}`]);
    const next = await docker.createContainer({
      ...Config,
      HostConfig: { ...HostConfig, PortBindings: { [inner]: [{ ...binding, HostPort: port }] } },
    });
    await next.start();
  }
  const [haproxy] = await of(site, "berth.loadBalancer=public");
  const script = ports.map(([from, to]) => `s/${from.replaceAll(".", "\\.")} /${to} /`).join("; ");
  const file = "/etc/haproxy/haproxy.cfg";
  const exec = await haproxy!.exec({
    Cmd: ["/bin/busybox", "sed", "-i", script, file],
    AttachStdout: true,
    User: "0",
  });
  const stream = await exec.start({});
  await new Promise((resolve) => stream.on("end", resolve).on("error", resolve).resume());
  await haproxy!.kill({ signal: "SIGUSR2" });
  for (const old of olds) await old.remove({ force: true });
}

/** Everything that can be planned, on containers, with many requests; then the ways that lose some. */
export async function volume(
  {
    rollouts,
    requests,
    only,
  }: { readonly rollouts: number; readonly requests: number; readonly only: RegExp },
  print: (text: string) => void,
): Promise<Part> {
  print("services on a dockerd of their own, and HAProxy in front");
  const engine = engineProcessor();
  const site = await RolloutSite.start(
    {
      containerImages: { app: { context: "." } },
      services: {
        web: {
          image: "app",
          port: 8080,
          replicas: 2,
          command: web("version 1"),
          health: { path: "/healthz", interval: "500ms", rise: 1 },
        },
      },
      loadBalancers: { public: { service: "web", bind: addresses.public } },
    },
    engine.command,
  );
  let load: Load | undefined;
  const errors: string[] = [];
  const stop = async () => {
    await load?.stop().catch(() => {});
    await site.stop();
    engine.release();
  };
  const settle = onInterrupt(stop);
  try {
    await site.up();
    const began = Date.now();
    load = await site.load(rates);
    load.phase("warm-up");
    await setTimeout(warmUpSeconds * 1000);
    for (const [name, work] of steps(rollouts, only)) {
      load.phase(name);
      const start = Date.now();
      // One that fails is told at the end, and what was measured with it.
      await work(site).catch(({ message }: Error) => errors.push(`${name}: ${message}`));
      print(`${name}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
    }
    load.phase("afterwards");
    const perSecond = Object.values(rates).reduce((total, rate) => total + rate, 0);
    // The changes are what matters, and what is left of the number is steady load.
    const left = requests / perSecond - (Date.now() - began) / 1000;
    // Of a rate a little is lost.
    await setTimeout((Math.max(steadySeconds, left) + 2) * 1000);
    const report = await load.stop();

    load = await site.load(rates);
    await setTimeout(3000);
    load.phase("naive: delete first, create after");
    await deleteFirst(site);
    load.phase("(meanwhile)");
    await setTimeout(5000);
    load.phase("naive: rewrite, reload, remove");
    await rewriteAndReload(site);
    await setTimeout(5000);
    const naive = await load.stop();
    load = undefined;
    return {
      planned: report.phases.filter((phase) => phase.requests > 0),
      killed: [],
      naive: naive.phases.filter(({ name }) => name.startsWith("naive")),
      failures: report.failures,
      errors,
    };
  } finally {
    settle();
    await stop();
  }
}
