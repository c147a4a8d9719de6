import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Docker from "dockerode";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab, stopLab } from "../../../lab/index.js";
import { readContainerFile } from "../../../providers/berth/haproxy/containerFiles.js";
import { ContainerShell } from "../../../providers/berth/haproxy/containerShell.js";
import { runningServers } from "../../../providers/berth/haproxy/runningServer.js";
import { RuntimeApi } from "../../../providers/berth/haproxy/runtimeApi.js";
import {
  type HaproxyConfigInputs,
  haproxyConfig as handler,
} from "../../../providers/berth/haproxyConfig.js";
import { poll } from "../../../providers/kit/index.js";
import { configPath as path, startConfinedHaproxy } from "../../support/haproxy/confinedHaproxy.js";
import { importHaproxyImage } from "../../support/haproxy/haproxyImage.js";
import { putContainerFile } from "../../support/haproxy/putContainerFile.js";
import { settledWorkers } from "../../support/haproxy/settledWorkers.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";

const berthHome = mkdtempSync(join(tmpdir(), "berth-haproxy-"));
const log = () => {};
const signal = new AbortController().signal;
const port = 8098;
const first = 9201;

const upstreamsScript = new URL("../../support/haproxy/upstreams.ts", import.meta.url);
const loadScript = new URL("support/loadClient.ts", import.meta.url);

/** Server lines of the backend: by name, all after the address. */
type Servers = Readonly<Record<string, string>>;

const config = (servers: Servers, socket = "/run/haproxy/admin.sock mode 600 level admin") => `global
    log stdout format raw local0
    stats socket ${socket}
    hard-stop-after 30s
defaults
    mode http
    option idle-close-on-response
    option redispatch
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 1s
frontend web
    bind 127.0.0.1:${port}
    default_backend web
backend web
    option httpchk GET /health
    timeout check 5s
${Object.entries(servers)
  .map(([name, line]) => `    server ${name} ${line}\n`)
  .join("")}`;

/** On a busy machine a check may take long, or fail once. */
const checked = "check inter 200ms rise 1 fall 10";
/** Replicas, each on one of two ports in turn. */
const generation = (number: number, replicas = 2): Servers =>
  Object.fromEntries(
    Array.from({ length: replicas }, (_, replica) => {
      const at = first + 2 * replica + (number % 2);
      return [`web-${replica + 1}-${at}`, `127.0.0.1:${at} ${checked}`];
    }),
  );
const portsOf = (servers: Servers) => Object.values(servers).map((line) => Number(/:(\d+)/.exec(line)?.[1]));

describe("the servers of an HAProxy configuration", () => {
  let lab: Lab;
  let docker: Docker;
  let image: string;
  let container: Docker.Container;
  let shell: ContainerShell;
  let upstreams: ChildProcessWithoutNullStreams;
  let answers: AsyncIterator<string>;

  beforeAll(async () => {
    lab = await startLab({ berthHome, log });
    docker = new Docker({ socketPath: lab.dockerHost.replace("unix://", "") });
    image = await importHaproxyImage(docker);
    upstreams = inLab(upstreamsScript);
    answers = createInterface({ input: upstreams.stdout })[Symbol.asyncIterator]();
    for (let number = 0; number < 8; number++) await upstream("start", first + number);
  });
  afterAll(async () => {
    upstreams?.stdin.end();
    await stopLab({ berthHome, log });
    rmSync(berthHome, { recursive: true, force: true });
  });
  beforeEach(async () => {
    container = await startConfinedHaproxy(docker, image);
    shell = new ContainerShell(container);
    return async () => {
      shell.close();
      await container.remove({ force: true, v: true });
    };
  });

  /** Runs a program of ours in the lab's network. */
  function inLab(script: URL, ...args: (string | number)[]): ChildProcessWithoutNullStreams {
    const program = typeScriptArguments(fileURLToPath(script));
    const command = [`--net=${lab.netns}`, process.execPath, ...program, ...args.map(String)];
    const child = spawn("nsenter", command, { stdio: "pipe" });
    child.stderr.pipe(process.stderr);
    return child;
  }

  async function upstream(what: string, at: number): Promise<void> {
    upstreams.stdin.write(`${what} ${at}\n`);
    expect((await answers.next()).value).toBe("done");
  }

  const inputs = (text: string): HaproxyConfigInputs => ({
    docker: { host: lab.dockerHost },
    container: container.id,
    config: text,
    path,
  });
  const put = (text: string) => handler.create(inputs(text), testCall());
  const update = async (to: string, call = testCall()) => {
    const state = { sha256: "", inForce: true };
    const request = { id: "lb", state, oldInputs: inputs(""), inputs: inputs(to) };
    await handler.update?.(request, call);
    return call.told;
  };
  const reloaded = (told: readonly string[]) => told.filter((line) => line.startsWith("status reloading"));
  const inForce = async (text: string) => {
    const found = await handler.read?.("lb", { sha256: "", inForce: true }, inputs(text), testCall());
    expect(found?.inputs.config).toBe(text);
    return found?.state.inForce;
  };
  const api = () => new RuntimeApi(shell, "/run/haproxy/admin.sock");
  const workers = () => settledWorkers(container);
  async function servers() {
    const found = runningServers(await api().ask("show servers state", signal));
    return found
      .map(({ backend, up: _, ...rest }) => ({ ...rest, name: `${backend}/${rest.name}` }))
      .sort((one, other) => one.name.localeCompare(other.name));
  }
  const names = async () => (await servers()).map(({ name }) => name.replace("web/", ""));

  /** Asks without a pause while something is done: what the clients count, by kept, new and slow requests. */
  async function load(
    during: () => Promise<void>,
  ): Promise<{ ok: number; failed: Record<string, number> }[]> {
    const clients = [
      inLab(loadScript, port, 6, "kept"),
      inLab(loadScript, port, 6, "new"),
      inLab(loadScript, port, 2, "kept", "/slow"),
    ];
    const lines = clients.map(({ stdout }) => createInterface({ input: stdout })[Symbol.asyncIterator]());
    for (const line of lines) expect((await line.next()).value).toBe("started");
    await during();
    for (const { stdin } of clients) stdin.end();
    return Promise.all(lines.map(async (line) => JSON.parse(String((await line.next()).value))));
  }

  it("are replaced under load without a request lost, which a reload with the old ones ended at once does not do", async () => {
    const four = (number: number) => generation(number, 4);
    await put(config(four(0)));
    const before = await workers();
    const good = await load(async () => {
      for (let number = 1; number <= 5; number++) {
        expect(reloaded(await update(config(four(number))))).toEqual([]);
        // As soon as the update is through, the engine deletes the old containers.
        for (const at of portsOf(four(number - 1))) {
          await upstream("kill", at);
          await upstream("start", at);
        }
      }
    });
    expect(good.map(({ failed }) => failed)).toEqual([{}, {}, {}]);
    for (const { ok } of good) expect(ok).toBeGreaterThan(10);
    expect(await workers()).toEqual(before);

    const naive = await load(async () => {
      for (let number = 6; number <= 8; number++) {
        await putContainerFile(container, path, { text: config(four(number)), modified: 0 });
        await container.kill({ signal: "SIGUSR2" });
        for (const at of portsOf(four(number - 1))) await upstream("kill", at);
        await poll({
          what: "the new worker",
          signal: AbortSignal.timeout(10_000),
          every: 50,
          until: async () => (await names()).join() === Object.keys(four(number)).join(),
          retry: () => true,
        });
        for (const at of portsOf(four(number - 1))) await upstream("start", at);
      }
    });
    expect(naive.flatMap(({ failed }) => Object.keys(failed))).not.toEqual([]);
  });

  it("that do not come up are taken out again, and HAProxy says why", async () => {
    const old = config(generation(0));
    await put(old);
    const before = await servers();
    await upstream("sick", first + 5);
    const bad = {
      ...generation(1),
      "web-3-sick": `127.0.0.1:${first + 5} ${checked}`,
      "web-4-dead": `127.0.0.1:9299 ${checked}`,
    };
    const counts = await load(async () => {
      await expect(update(config(bad), { ...testCall(), timeoutMs: 6_000 })).rejects.toThrow(
        /^container \S+: new servers did not come up within 3s, so they have been taken out again; the old ones serve on\. HAProxy's last check of each:\n {2}\| web\/web-3-sick: L7STS\/500 .*\n {2}\| web\/web-4-dead: L4CON Connection refused\n/,
      );
    });
    // They got no request.
    expect(counts.map(({ failed }) => failed)).toEqual([{}, {}, {}]);
    expect(await servers()).toEqual(before);
    expect(await inForce(old)).toBe(true);
    expect(await readContainerFile(container, `${path}.candidate`)).toBeUndefined();
    expect(reloaded(await update(config(generation(1))))).toEqual([]);
    expect(await names()).toEqual(Object.keys(generation(1)));
  });

  it("that are new are taken out again where the update is cancelled", async () => {
    const old = config(generation(0));
    await put(old);
    const before = await servers();
    const cancel = new AbortController();
    const call = testCall(cancel.signal);
    const status = (message: string) => {
      if (message.startsWith("waiting for HAProxy's checks")) cancel.abort(new Error("cancelled"));
    };
    const next = config({ ...generation(1), "web-4-dead": `127.0.0.1:9299 ${checked}` });
    await expect(update(next, { ...call, status })).rejects.toThrow("cancelled");
    expect(await servers()).toEqual(before);
    expect(await inForce(old)).toBe(true);
  });

  it("change first where the rest needs a reload, which is not done where they do not come up", async () => {
    await put(config(generation(0)));
    const before = await workers();
    const other = (text: string) => text.replace("timeout client 30s", "timeout client 31s");
    const dead = other(config({ "web-4-dead": `127.0.0.1:9299 ${checked}` }));
    await expect(update(dead, { ...testCall(), timeoutMs: 6_000 })).rejects.toThrow(
      "L4CON Connection refused",
    );
    expect(await workers()).toEqual(before);
    const told = await update(other(config(generation(1))));
    expect(told.findIndex((line) => line.startsWith("status waiting for HAProxy's checks"))).toBeGreaterThan(
      0,
    );
    expect(told.at(-1)).toMatch(/^status reloading HAProxy in \S+: section "defaults" changes$/);
    expect(await inForce(other(config(generation(1))))).toBe(true);
    expect(await workers()).not.toEqual(before);
  });

  it("that an update which was killed has left half done are what the next one goes on from", async () => {
    const [old, target] = [generation(0), generation(1)];
    await put(config(old));
    const modified = (await readContainerFile(container, path))?.modified ?? 0;
    await putContainerFile(container, `${path}.candidate`, { text: config(target), modified });
    const [up = "", half = ""] = Object.entries(target).map(([name, line]) => `web/${name} ${line}`);
    const [drained = ""] = Object.keys(old);
    await api().tell(
      [
        `add server ${up}`,
        `enable health ${up.split(" ")[0]}`,
        `enable server ${up.split(" ")[0]}`,
        `add server ${half}`,
        `set server web/${drained} state drain`,
      ],
      signal,
    );
    expect(await inForce(config(old))).toBe(false);
    expect(reloaded(await update(config(target)))).toEqual([]);
    const after = await servers();
    await container.kill();
    await container.start();
    await running();
    expect(await servers()).toEqual(after);
    expect(await inForce(config(target))).toBe(true);
  });

  it("that somebody changed by hand are drift, which the next update mends", async () => {
    const text = config(generation(0));
    await put(text);
    const before = await servers();
    expect(await inForce(text)).toBe(true);
    for (const command of [
      "set server web/web-1-9201 state maint",
      "set server web/web-1-9201 state drain",
      "set server web/web-1-9201 weight 9",
      "disable health web/web-1-9201",
      "set server web/web-1-9201 state maint; del server web/web-1-9201",
      "add server web/other 127.0.0.1:9206; enable server web/other",
    ]) {
      await api().tell([command], signal);
      expect({ command, inForce: await inForce(text) }).toEqual({ command, inForce: false });
      expect(reloaded(await update(text))).toEqual([]);
      expect({ command, servers: await servers() }).toEqual({ command, servers: before });
    }
    expect(await inForce(text)).toBe(true);
  });

  it("are those of a fresh start with the last of any configurations, before and after HAProxy is killed", async () => {
    const line = fc.record({
      at: fc.integer({ min: first, max: first + 4 }),
      weight: fc.integer({ min: 1, max: 9 }),
    });
    const any = fc
      .array(line, { maxLength: 3 })
      .map((lines) =>
        config(
          Object.fromEntries(
            lines.map(({ at, weight }) => [`s-${at}`, `127.0.0.1:${at} ${checked} weight ${weight}`]),
          ),
        ),
      );
    const sequence = fc.sample(any, 6);
    for (const text of sequence) await update(text);
    const last = sequence.at(-1) ?? "";
    const [told, before] = [await inForce(last), await servers()];
    await container.kill();
    await container.start();
    await running();
    expect({ sequence, servers: before, told }).toEqual({ sequence, servers: await servers(), told: true });
  });

  it("change by a reload where the Runtime API cannot be used, which ends when nothing needs the old ones", async () => {
    const socket = "/run/haproxy/admin.sock mode 600";
    await put(config(generation(0), socket));
    const counts = await load(async () => {
      expect(reloaded(await update(config(generation(1), socket)))).toEqual([
        expect.stringMatching(/: it has no Runtime API \(stats socket … level admin\)$/),
      ]);
      for (const at of portsOf(generation(0))) await upstream("kill", at);
    });
    expect(counts.map(({ failed }) => failed)).toEqual([{}, {}, {}]);
    expect(await inForce(config(generation(1), socket))).toBe(true);
  });

  /** Waits for HAProxy to answer after a start. */
  async function running(): Promise<void> {
    await poll({
      what: "HAProxy",
      signal: AbortSignal.timeout(20_000),
      every: 100,
      until: () => servers().then(() => true),
      retry: () => true,
    });
  }
});
