import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Docker from "dockerode";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab, stopLab } from "../../../lab/index.js";
import {
  type HaproxyConfigInputs,
  haproxyConfig as handler,
} from "../../../providers/berth/haproxyConfig.js";
import { configPath, startConfinedHaproxy } from "../../support/haproxy/confinedHaproxy.js";
import { importHaproxyImage } from "../../support/haproxy/haproxyImage.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";

const port = 8099;
const berthHome = mkdtempSync(join(tmpdir(), "berth-haproxy-"));
const log = () => {};
const call = testCall();

/** A configuration that answers with its version. */
const version = (number: number, lines = "") => `global
    log stdout format raw local0
    stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners
defaults
    mode http
    option idle-close-on-response
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend web
    bind 127.0.0.1:${port}
    http-request return status 200 content-type text/plain string "version ${number}"
${lines}`;

describe("an HAProxy configuration in a container", () => {
  let lab: Lab;
  let docker: Docker;
  let image: string;
  let container: Docker.Container;

  beforeAll(async () => {
    lab = await startLab({ berthHome, log });
    docker = new Docker({ socketPath: lab.dockerHost.replace("unix://", "") });
    image = await importHaproxyImage(docker);
  });
  afterAll(async () => {
    await stopLab({ berthHome, log });
    rmSync(berthHome, { recursive: true, force: true });
  });
  beforeEach(async () => {
    container = await startConfinedHaproxy(docker, image);
    return () => container.remove({ force: true, v: true });
  });

  const inputs = (config: string, id = container.id): HaproxyConfigInputs => ({
    docker: { host: lab.dockerHost },
    container: id,
    config,
    path: configPath,
  });
  const put = (config: string) => handler.create(inputs(config), call);
  const update = (from: string, to: string, state = { sha256: "", inForce: true }) =>
    handler.update?.({ id: "lb", state, oldInputs: inputs(from), inputs: inputs(to) }, call);
  const read = (config: string, state = { sha256: "", inForce: true }) =>
    handler.read?.("lb", state, inputs(config), call);

  /** Runs a program of ours in the lab's network. */
  const inLab = (...args: string[]) =>
    spawn("nsenter", [`--net=${lab.netns}`, ...args], { stdio: ["pipe", "pipe", "inherit"] });

  async function answer(): Promise<string> {
    const script = `fetch("http://127.0.0.1:${port}/").then((it) => it.text()).then((it) => process.stdout.write(it))`;
    const client = inLab(process.execPath, "-e", script);
    let text = "";
    for await (const chunk of client.stdout) text += chunk;
    return text;
  }

  async function run(...command: string[]): Promise<string> {
    const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
    const stream = await exec.start({ Tty: true });
    let text = "";
    for await (const chunk of stream) text += chunk;
    return text;
  }

  it("takes the place of the one that its image brings", async () => {
    const { state } = await put(version(1));
    expect(await answer()).toBe("version 1");
    expect(await read(version(1), state)).toEqual({ id: "lb", state, inputs: inputs(version(1)) });
  });

  it("that HAProxy refuses never replaces a good one, and HAProxy says why", async () => {
    await put(version(1));
    const bad = version(2).replace("timeout client 30s", "timeout clinet 30s");
    await expect(update(version(1), bad)).rejects.toThrow(
      /HAProxy refuses this configuration; the one in force stays\.\n {2}\| parsing \[\/etc\/haproxy\/haproxy\.cfg:8\] : 'timeout' supports [\s\S]*\n {2}\| {5}8: timeout clinet 30s\nCorrect "config"\.$/,
    );
    expect(await answer()).toBe("version 1");
    expect(await run("/bin/busybox", "ls", "/etc/haproxy")).toBe("haproxy.cfg\r\n");
  });

  it("that passes the check and cannot be loaded is taken back", async () => {
    await put(version(1));
    // An address of nobody (RFC 5737): only binding finds out.
    const bad = version(2).replace(`127.0.0.1:${port}`, "203.0.113.7:80");
    await expect(update(version(1), bad)).rejects.toThrow(
      /passed HAProxy's check, but was not taken into force:[\s\S]*cannot bind socket[\s\S]*The old configuration is back in force\.$/,
    );
    expect(await answer()).toBe("version 1");
    expect((await read(version(1)))?.state.inForce).toBe(true);
    await update(version(1), version(3));
    expect(await answer()).toBe("version 3");
  });

  it("changes under load without a request lost", async () => {
    await put(version(0));
    const script = fileURLToPath(new URL("support/loadClient.ts", import.meta.url));
    const client = inLab(process.execPath, ...typeScriptArguments(script), String(port), "8");
    const lines = client.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false });
    expect(String((await lines.next()).value)).toContain("started");
    for (let number = 1; number <= 10; number++) await update(version(number - 1), version(number));
    client.stdin.end();
    const { ok, failed } = JSON.parse((await lines.next()).value);
    expect(failed).toEqual({});
    expect(ok).toBeGreaterThan(100);
    expect(await answer()).toBe("version 10");
  });

  it("that somebody changed by hand is drift", async () => {
    const { state } = await put(version(1));
    await run("/bin/sh", "-c", "echo '# by hand' >>/etc/haproxy/haproxy.cfg");
    expect((await read(version(1), state))?.inputs.config).toBe(`${version(1)}# by hand\n`);
  });

  it("that is not the one that the worker started from is drift", async () => {
    const { state } = await put(version(1));
    await run("/bin/busybox", "touch", "-d", "2033-01-01 00:00", "/etc/haproxy/haproxy.cfg");
    const live = await read(version(1), state);
    expect(live).toMatchObject({
      inputs: { config: version(1) },
      state: { sha256: state.sha256, inForce: false },
    });
  });

  it("goes into a new container, and is gone with the old one", async () => {
    const { state } = await put(version(1));
    const old = container;
    await old.stop();
    container = await startConfinedHaproxy(docker, image);
    const request = { id: "lb", state, oldInputs: inputs(version(1), old.id), inputs: inputs(version(1)) };
    expect(await handler.update?.(request, call)).toEqual(state);
    expect(await answer()).toBe("version 1");
    await old.remove({ v: true });
    expect(await handler.read?.("lb", state, inputs(version(1), old.id), call)).toBeUndefined();
  });

  it("needs a container that is there and runs", async () => {
    const { state } = await put(version(1));
    await container.stop();
    await expect(update(version(1), version(2))).rejects.toThrow(
      /^container \S+ is not running \(exited, exit code \d+\), .* Start it \(docker start \S+\)\. Its last words:\n {2}\| /,
    );
    expect((await read(version(1), state))?.state.inForce).toBe(false);
    await expect(handler.create(inputs(version(1), "nobody"), call)).rejects.toThrow(
      "container nobody does not exist, so it cannot be given a configuration. Refresh, then update again.",
    );
  });

  it("has its warnings told", async () => {
    const heard = testCall();
    await handler.create(
      inputs(version(1, "backend lonely\n    server s 127.0.0.1:1 check\n    timeout connect 0\n")),
      heard,
    );
    expect(heard.told.filter((line) => line.startsWith("warning"))).toEqual([
      expect.stringMatching(/^warning HAProxy warns: .*lonely/),
    ]);
  });
});
