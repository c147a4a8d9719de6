import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { container } from "../../../providers/docker/container/container.js";
import type { ContainerState } from "../../../providers/docker/container/containerState.js";
import type { ContainerInputs } from "../../../providers/docker/container/types.js";
import { urnLabel } from "../../../providers/docker/plain.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { callOn, Lifecycle } from "../../support/docker/lifecycle.js";

let server: DockerServer;

beforeAll(async () => {
  server = await startDockerServer();
});
afterAll(() => server?.stop());

/** What a failed test has left must not make others fail. */
afterEach(async () => {
  const all = await server.docker.listContainers({ all: true });
  await Promise.all(all.map(({ Id }) => server.docker.getContainer(Id).remove({ force: true, v: true })));
});

const sleep: ContainerInputs = { image, command: ["sleep", "60"], destroyGraceSeconds: 0 };

function life(name: string, signal?: AbortSignal): Lifecycle<ContainerInputs, ContainerState> {
  return new Lifecycle(container, callOn(server.host, name, 60_000, signal));
}

const create = (name: string, inputs: ContainerInputs) => life(name).create(inputs);
const inspect = (id: string) => server.docker.getContainer(id).inspect();

async function names(): Promise<string[]> {
  const all = await server.docker.listContainers({ all: true });
  return all.flatMap(({ Names }) => Names.map((name) => name.slice(1))).sort();
}

/** What a command in the container prints. */
async function run(id: string, ...Cmd: string[]): Promise<string> {
  const exec = await server.docker.getContainer(id).exec({ Cmd, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk.subarray(8));
  return Buffer.concat(chunks).toString().trim();
}

describe("a container's creation", () => {
  it("gives it a name of its own, keeps a given one, and tells what the engine decided", async () => {
    const own = await create("made", sleep);
    const given = await create("given", { ...sleep, name: "given", ports: [{ internal: 80 }] });
    expect(own.state.name).toMatch(/^made-[0-9a-f]{7}$/);
    expect((await inspect(own.id)).Name).toBe(`/${own.state.name}`);
    expect(given.state.name).toBe("given");
    expect(given.state).toMatchObject({
      networkDatas: [{ networkName: "bridge", ipAddress: expect.stringMatching(/^172\./) }],
      ports: [{ internal: 80, external: expect.any(Number) }],
      hostname: given.id.slice(0, 12),
      labels: [],
    });
    await own.delete();
    await given.delete();
  });

  it("uploads files before the start", async () => {
    const uploads = [
      { file: "/srv/index.html", content: "hello", permissions: "0640", owner: "1000", group: "1000" },
      {
        file: "/srv/run",
        contentBase64: Buffer.from("#!/bin/sh\necho ran\n").toString("base64"),
        executable: true,
      },
    ];
    const it = await create("uploads", { ...sleep, uploads });
    expect(
      await run(it.id, "sh", "-c", "cat /srv/index.html; stat -c ' %a %u:%g' /srv/index.html; /srv/run"),
    ).toBe("hello 640 1000:1000\nran");
    await it.delete();
  });

  it("reaches others by their names in every network it is in", async () => {
    await server.docker.createNetwork({ Name: "one" });
    await server.docker.createNetwork({ Name: "two" });
    const networksAdvanced = [{ name: "one" }, { name: "two", aliases: ["peer"] }];
    const first = await create("first", { ...sleep, name: "first", networksAdvanced });
    const second = await create("second", { ...sleep, networksAdvanced: [{ name: "two" }] });
    const lookUp = (name: string) => run(second.id, "sh", "-c", `nslookup ${name} | tail -n +3`);
    expect(await lookUp("first")).toMatch(/Address: 172\./);
    expect(await lookUp("peer")).toMatch(/Address: 172\./);
    expect(await lookUp("first.creating")).not.toMatch(/Address: 172\./);
    await second.delete();
    await first.delete();
  });

  it("waits until it is healthy", async () => {
    const it = await create("healthy", {
      ...sleep,
      command: ["sh", "-c", "sleep 1; touch /tmp/ready; sleep 60"],
      healthcheck: { tests: ["CMD", "test", "-e", "/tmp/ready"], interval: "200ms", retries: 50 },
      wait: true,
    });
    expect((await inspect(it.id)).State.Health?.Status).toBe("healthy");
    expect(it.call.said.join()).toContain("to be healthy");
    await it.delete();
  });

  it.each([
    [
      "turns unhealthy",
      {
        command: ["sh", "-c", "echo starting; sleep 60"],
        healthcheck: { tests: ["CMD-SHELL", "echo not today; exit 3"], interval: "100ms", retries: 2 },
        waitTimeout: 30,
      },
      /is unhealthy\.\nIts last log lines:\n {2}starting\nIts health check ended with code 3 and said:\n {2}not today/,
    ],
    [
      "ends meanwhile",
      {
        command: ["sh", "-c", "echo no configuration >&2; sleep 0.5; exit 7"],
        healthcheck: { tests: ["CMD", "false"], interval: "10s" },
        waitTimeout: 30,
      },
      /ended with code 7\.\nIts last log lines:\n {2}no configuration/,
    ],
    [
      "does not get healthy in time",
      { command: ["sleep", "60"], healthcheck: { tests: ["CMD", "false"], interval: "30s" }, waitTimeout: 1 },
      /was not healthy within 1 s \("waitTimeout"\)/,
    ],
    ["has no health check", { command: ["sleep", "60"] }, /has no health check to wait for/],
  ])("fails and leaves nothing where it %s", async (name, inputs, message) => {
    const begun = Date.now();
    await expect(create(name.replaceAll(" ", "-"), { ...sleep, ...inputs, wait: true })).rejects.toThrow(
      message,
    );
    expect(Date.now() - begun).toBeLessThan(15_000);
    expect(await names()).toEqual([]);
  });

  it("fails with the engine's words and leaves nothing where it can't start", async () => {
    await expect(create("broken", { ...sleep, command: ["/no/such/program"] })).rejects.toThrow(
      /no such file/,
    );
    expect(await names()).toEqual([]);
  });

  it("fails with its last words and leaves nothing where it ends soon, though Docker would start it again", async () => {
    const command = ["sh", "-c", "echo no configuration >&2; sleep 0.3; exit 7"];
    await expect(create("crashing", { ...sleep, command, restart: "unless-stopped" })).rejects.toThrow(
      /"crashing-[0-9a-f]+" \([0-9a-f]{12}\) ended .*\nIts last log lines:\n {2}no configuration/,
    );
    expect(await names()).toEqual([]);
  });

  it("leaves nothing when it is cancelled", async () => {
    const abort = new AbortController();
    const waiting = life("cancelled", abort.signal);
    const creation = waiting.create({
      ...sleep,
      healthcheck: { tests: ["CMD", "false"], interval: "30s" },
      wait: true,
    });
    await expect.poll(() => waiting.call.said.join(), { timeout: 10_000 }).toContain("to be healthy");
    expect(await names()).toHaveLength(1);
    abort.abort(new Error("the engine was asked to cancel"));
    await expect(creation).rejects.toThrow("the engine was asked to cancel");
    expect(await names()).toEqual([]);
  });

  it("runs to the end with `attach`, and keeps what it wrote", async () => {
    const job = await create("job", { ...sleep, command: ["echo", "done"], attach: true, logs: true });
    expect(job.state).toMatchObject({ exitCode: 0, containerLogs: "done\n" });
    await job.refresh();
    expect(await job.diff()).toEqual([]);
    await job.delete();
    const failing = create("failing", { ...sleep, command: ["sh", "-c", "echo why; exit 4"], attach: true });
    await expect(failing).rejects.toThrow(/ended with code 4\.\nIts last log lines:\n {2}why/);
    expect(await names()).toEqual([]);
  });
});

describe("what stands in a creation's way", () => {
  it("is removed where an interrupted creation of the same resource left it", async () => {
    const { urn } = life("again").call;
    const Labels = { [urnLabel]: urn };
    const leftover = { Image: image, Cmd: ["sleep", "60"], Labels };
    await server.docker.createContainer({ ...leftover, name: "again-1234567.creating" });
    await (await server.docker.createContainer({ ...leftover, name: "fixed" })).start();
    const it = await create("again", { ...sleep, name: "fixed" });
    expect(await names()).toEqual(["fixed"]);
    expect(it.call.said.join("\n")).toContain("an interrupted creation has left");
    await it.delete();
  });

  it("is left alone where it is somebody else's, with an error that says what to do", async () => {
    const other = await server.docker.createContainer({ name: "taken", Image: image, Cmd: ["true"] });
    await expect(create("mine", { ...sleep, name: "taken" })).rejects.toThrow(
      `the container name "taken" is taken by container ${other.id.slice(0, 12)}, which was not created for this ` +
        "resource. Rename or remove it, or adopt it: pulumi import docker:index/container:Container NAME",
    );
    expect(await names()).toEqual(["taken"]);
    await other.remove();
  });
});

describe("a living container", () => {
  it("takes new limits, a new policy and a new name without a new container", async () => {
    const it = await create("limits", { ...sleep, memory: 32 });
    const { State } = await inspect(it.id);
    const wanted = { ...sleep, memory: 48, cpus: "0.5", restart: "always", name: "renamed" };
    expect(await it.diff(wanted)).toEqual(["name add", "memory update", "cpus add", "restart add"]);
    await it.update(wanted);
    const live = await inspect(it.id);
    expect(live).toMatchObject({
      Name: "/renamed",
      HostConfig: { Memory: 48 * 1024 ** 2, NanoCpus: 5e8, RestartPolicy: { Name: "always" } },
    });
    expect(live.State.StartedAt).toBe(State.StartedAt);
    await it.delete();
  });

  it("that was stopped by hand is started again in place", async () => {
    const it = await create("stopped", sleep);
    await server.docker.getContainer(it.id).kill();
    await it.refresh();
    expect(await it.diff(sleep)).toEqual(["mustRun delete"]);
    await it.update(sleep);
    expect((await inspect(it.id)).State.Running).toBe(true);
    await it.refresh();
    expect(await it.diff(sleep)).toEqual([]);
    await it.delete();
  });

  it("that was changed by hand is found, changed back, and what was undone by hand is forgotten", async () => {
    const it = await create("drifted", { ...sleep, memory: 32 });
    const byHand = server.docker.getContainer(it.id);
    const { name } = it.state;
    await byHand.update({ Memory: 64 * 1024 ** 2, MemorySwap: 128 * 1024 ** 2 });
    await byHand.rename({ name: "elsewhere" });
    await it.refresh();
    await it.refresh();
    expect((await it.diff({ ...sleep, memory: 32 })).sort()).toEqual(["memory update", "name delete"]);
    await byHand.rename({ name });
    await it.refresh();
    expect(await it.diff({ ...sleep, memory: 32 })).toEqual(["memory update"]);
    await it.update({ ...sleep, memory: 32 });
    expect((await inspect(it.id)).HostConfig.Memory).toBe(32 * 1024 ** 2);
    expect(it.state.name).toBe(name);
    await it.delete();
  });

  it("that was removed by hand is gone; an engine that can't be reached says nothing about it", async () => {
    const it = await create("removed", sleep);
    const elsewhere = new Lifecycle(container, callOn("unix:///nowhere/docker.sock", "removed"));
    Object.assign(elsewhere, { id: it.id, state: it.state, inputs: it.inputs });
    await expect(elsewhere.refresh()).rejects.toThrow(
      "Docker at unix:///nowhere/docker.sock can't be reached",
    );
    await server.docker.getContainer(it.id).remove({ force: true });
    expect(await it.refresh()).toBeUndefined();
    await it.delete();
  });

  it("is stopped as it wishes before it is removed", async () => {
    const command = ["sh", "-c", "trap 'echo bye > /data/said; exit 0' TERM; while :; do sleep 0.1; done"];
    const mounts = [{ type: "volume", source: "said", target: "/data" }];
    const polite = await create("polite", { image, command, mounts });
    await polite.delete();
    const reader = await create("reader", { ...sleep, mounts });
    expect(await run(reader.id, "cat", "/data/said")).toBe("bye");
    await reader.delete();
  });
});
