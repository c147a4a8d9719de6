import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ContainerRuntime } from "../../../components/containerRuntime.js";
import type { RolloutStrategy } from "../../../components/rolloutStrategy.js";
import { type RunningReplica, Service, type ServiceArgs } from "../../../components/service.js";
import { Engine, value } from "./mocks.js";

const containerType = "docker:index/container:Container";
const reference = `web@sha256:${"0".repeat(64)}`;

let engine: Engine;
let preview = false;
/** What Docker makes of a reference; unknown to a preview where the image is yet to be pulled. */
let imageId: string | undefined;
beforeEach(() => {
  preview = false;
  imageId = "sha256:0123";
});
afterEach(() => pulumi.runtime.disconnect());

interface Registered {
  readonly revision: string | undefined;
  readonly port: number | undefined;
  /** As the state would have it for the next update. */
  readonly running: RunningReplica;
}

/** One update: the service's one replica as it is registered. */
async function update(changes: Partial<ServiceArgs> = {}, running?: RunningReplica): Promise<Registered> {
  engine = await Engine.start({}, preview);
  // All that a service needs of the machine's engine.
  const runtime = {
    machine: { name: "one", address: "192.168.140.10" },
    pull: () => ({ imageId: imageId === undefined ? unknownOutput() : pulumi.output(imageId) }),
    resident: (parent: pulumi.Resource) => ({ parent }),
  } as unknown as ContainerRuntime;
  const service = new Service("web", {
    image: reference,
    port: 80,
    replicas: { "web-1": { runtime, port: 80, ...(running && { running }) } },
    secretEnv: { TOKEN: "hunter2" },
    revisionKey: pulumi.secret("key"),
    ...changes,
  });
  const endpoint = pulumi.output(service.endpoints[0]!.port);
  await value(service.nodes.containers["web-1"]!.urn);
  const { labels, ports, image } = engine.one(containerType, "web-1").inputs;
  const known = (list: unknown) => (Array.isArray(list) ? list : []);
  const revision = known(labels).find(({ label }) => label === "berth.revision")?.value;
  const port = known(ports)[0]?.external;
  if (port !== undefined) expect(await value(endpoint)).toBe(port);
  return { revision, port, running: { revision, image, nextPort: 81 } };
}

/** An output that this preview knows nothing of. */
function unknownOutput(): pulumi.Output<string> {
  return new (pulumi.Output as any)(
    new Set(),
    Promise.resolve("?"),
    Promise.resolve(false),
    Promise.resolve(false),
    Promise.resolve(new Set()),
  );
}

describe("a replica's port", () => {
  test("is the first one when nothing runs, and stays as long as nothing changes", async () => {
    const first = await update();
    expect(first).toMatchObject({ port: 80, revision: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const second = await update({}, first.running);
    expect(second).toEqual(first);
  });

  const replacing: Record<string, Partial<ServiceArgs>> = {
    "another image": { image: `web@sha256:${"1".repeat(64)}` },
    "another command": { command: ["httpd"] },
    "another variable": { env: { COLOUR: "blue" } },
    "another secret": { secretEnv: { TOKEN: "hunter3" } },
    "another port in the container": { port: 8080 },
    "an argument of a transform": { transform: { container: { user: "65534" } } },
    "another key": { revisionKey: pulumi.secret("another") },
  };
  for (const [what, changes] of Object.entries(replacing)) {
    test(`is another one for ${what}`, async () => {
      const { running } = await update();
      const after = await update(changes, running);
      expect(after.port).toBe(81);
      expect(after.revision).not.toBe(running.revision);
    });
  }

  const inPlace: Record<string, Partial<ServiceArgs>> = {
    "a limit": { memory: "64MiB", cpus: 0.5 },
    "the restart policy": { restart: "always" },
    "the grace at a stop": { stopGraceSeconds: 30 },
  };
  for (const [what, changes] of Object.entries(inPlace)) {
    test(`stays for ${what}, which Docker changes in place`, async () => {
      const { running, revision } = await update();
      expect(await update(changes, running)).toMatchObject({ port: 80, revision });
    });
  }

  test("is another one where a limit is lifted, which takes another container", async () => {
    const { running } = await update({ memory: "64MiB" });
    const limited = { ...running, limits: ["memory"] };
    expect((await update({ memory: "128MiB" }, limited)).port).toBe(80);
    expect((await update({}, limited)).port).toBe(81);
  });

  test("is another one where the same tag has come to name another image", async () => {
    const { running } = await update({ image: "web:1" });
    expect((await update({ image: "web:1" }, running)).port).toBe(80);
    imageId = "sha256:4567";
    expect((await update({ image: "web:1" }, running)).port).toBe(81);
  });

  test("is another one for a container of a time without marks", async () => {
    expect((await update({}, { nextPort: 81 })).port).toBe(81);
  });

  test("the order of variables means nothing", async () => {
    const { running } = await update({ env: { A: "1", B: "2" } });
    expect((await update({ env: { B: "2", A: "1" } }, running)).port).toBe(80);
  });

  test("without a key there is no mark, and the port stays", async () => {
    const { port, revision } = await update({ revisionKey: undefined as never }, { nextPort: 81 });
    expect({ port, revision }).toEqual({ port: 80, revision: undefined });
  });
});

describe("in a preview", () => {
  test("the port of a changed reference is known before the image is there", async () => {
    const { running } = await update();
    preview = true;
    imageId = undefined;
    const changed = await update({ image: `web@sha256:${"1".repeat(64)}` }, running);
    expect(changed.port).toBe(81);
  });

  test("the port is unknown where only the update can tell what the image is", async () => {
    const { running } = await update();
    preview = true;
    imageId = undefined;
    const changed = await update({ image: unknownOutput() }, running);
    expect(changed).toMatchObject({ port: undefined, revision: undefined });
  });
});

describe("a service's strategy", () => {
  const target = { host: "unix:///run/docker.sock" };
  const runtime = {
    machine: { name: "one", address: "192.168.140.10" },
    target,
    pull: () => ({ imageId: pulumi.output("sha256:0123") }),
    resident: (parent: pulumi.Resource) => ({ parent }),
  } as unknown as ContainerRuntime;
  const rolloutType = "berth:index:Rollout";

  /** One update of three replicas that run, on ports of their own. */
  async function replace(strategy: RolloutStrategy): Promise<void> {
    engine = await Engine.start({}, preview);
    const replicas = [1, 2, 3].map((number) => [
      `web-${number}`,
      { runtime, port: 80 + number, running: { nextPort: 90 + number } },
    ]);
    const service = new Service("web", {
      image: reference,
      port: 80,
      replicas: Object.fromEntries(replicas),
      revisionKey: pulumi.secret("key"),
      rollout: {
        strategy,
        balancers: (ports) => [
          {
            docker: target,
            labels: { "berth.loadBalancer": "public" },
            backend: "web",
            servers: Object.fromEntries(
              Object.entries(ports).map(([key, port]) => [key, `server ${key}-${port} 192.0.2.1:${port}`]),
            ),
          },
        ],
      },
    });
    await value(service.containerIds);
    await value(service.urn);
  }

  test("at one more at a time: a step a replica, for its own server", async () => {
    await replace({ strategy: "rolling", maxSurge: 1 });
    expect(Object.keys(engine.of(rolloutType)).sort()).toEqual(["web-1", "web-2", "web-3"]);
    expect(engine.one(rolloutType, "web-2").inputs).toMatchObject({
      stopOld: true,
      labels: { "berth.service": "web" },
      balancers: [{ backend: "web", servers: { "web-2": "server web-2-92 192.0.2.1:92" } }],
      replicas: { "web-2": { endpoint: "192.168.140.10:92", engines: [target], container: "web-2-id" } },
    });
  });

  test("with one missing: it leaves before its container is made", async () => {
    await replace({ strategy: "rolling", maxSurge: 0, maxUnavailable: 1 });
    expect(Object.keys(engine.of(rolloutType)).sort()).toEqual(
      ["web-1", "web-1-leave", "web-2", "web-2-leave", "web-3", "web-3-leave"].sort(),
    );
    const { way, replicas } = engine.one(rolloutType, "web-3-leave").inputs;
    expect(way).toBe("leave");
    expect(replicas).toEqual({ "web-3": { endpoint: "192.168.140.10:93", engines: [target] } });
  });

  test("by weight: one step for all, with its stages and their check", async () => {
    await replace({ strategy: "canary", weights: [10], hold: "1m", check: { errorPercent: 1 } });
    expect(Object.keys(engine.of(rolloutType))).toEqual(["web"]);
    const { shares, hold, check, replicas } = engine.one(rolloutType, "web").inputs;
    expect({ shares, hold, check }).toEqual({ shares: [10], hold: "1m", check: { errorPercent: 1 } });
    expect(Object.keys(replicas)).toEqual(["web-1", "web-2", "web-3"]);
  });

  test("all at once is what HAProxy's configuration does anyway", async () => {
    await replace({ strategy: "rolling" });
    expect(engine.of(rolloutType)).toEqual({});
  });
});

test("the mark is no secret, and does not show what went into it", async () => {
  const { revision } = await update();
  const { labels, envs } = engine.one(containerType, "web-1").inputs;
  expect(JSON.stringify(envs)).toContain("hunter2");
  expect(labels).toContainEqual({ label: "berth.revision", value: revision });
});
