import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Docker from "dockerode";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab, stopLab } from "../../../lab/index.js";
import { inShell } from "../../../providers/berth/haproxy/containerShell.js";
import { haproxyConfig } from "../../../providers/berth/haproxyConfig.js";
import { configPath, startConfinedHaproxy } from "../../support/haproxy/confinedHaproxy.js";
import { importHaproxyImage } from "../../support/haproxy/haproxyImage.js";
import { startLoad } from "../../support/load/startLoad.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";

const port = 8098;
const upstream = 9098;
const berthHome = mkdtempSync(join(tmpdir(), "berth-upgrade-"));
const log = () => {};

const config = `global
    stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners
    hard-stop-after 60s
defaults
    mode http
    option idle-close-on-response
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-keep-alive 2s
frontend web
    bind 127.0.0.1:${port}
    default_backend web
backend web
    balance roundrobin
    server one 127.0.0.1:${upstream}
`;

/** What a new image of HAProxy's does to requests: two containers on one port, on one volume, as LoadBalancer makes them. */
describe("another HAProxy in the place of the one that runs", () => {
  let lab: Lab;
  let docker: Docker;
  let image: string;
  let upstreams: ChildProcess;

  beforeAll(async () => {
    lab = await startLab({ berthHome, log });
    docker = new Docker({ socketPath: lab.dockerHost.replace("unix://", "") });
    image = await importHaproxyImage(docker);
    const file = fileURLToPath(new URL("../../support/haproxy/upstreams.ts", import.meta.url));
    upstreams = spawn("nsenter", [`--net=${lab.netns}`, process.execPath, ...typeScriptArguments(file)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    upstreams.stdin!.write(`start ${upstream}\n`);
    await once(upstreams.stdout!, "data");
  });
  afterAll(async () => {
    upstreams?.stdin?.end();
    await stopLab({ berthHome, log });
    rmSync(berthHome, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await docker.createVolume({ Name: "haproxy" });
    return async () => {
      const made = await docker.listContainers({ all: true });
      for (const { Id } of made) await docker.getContainer(Id).remove({ force: true });
      await docker.getVolume("haproxy").remove();
    };
  });

  async function start(call = testCall()): Promise<Docker.Container> {
    const container = await startConfinedHaproxy(docker, image, "haproxy:/etc/haproxy");
    const inputs = {
      docker: { host: lab.dockerHost },
      container: container.id,
      config,
      path: configPath,
    };
    await haproxyConfig.create(inputs, call);
    return container;
  }

  /** A new one is put beside the old one under load, and the old one is ended. */
  async function replace(end: (old: Docker.Container) => Promise<unknown>, path = "/", call = testCall()) {
    const old = await start(call);
    const load = await startLoad(
      { url: `http://127.0.0.1:${port}${path}`, rates: { keepAlive: 150, fresh: 150 } },
      lab.netns,
    );
    await setTimeout(1000);
    await start();
    await end(old);
    await setTimeout(1000);
    return load.stop();
  }

  /** Its worker comes to the signal late, as where processors are short: meanwhile connections wait for it. */
  function endLate(old: Docker.Container): Promise<void> {
    return inShell(old, async (shell) => {
      const tell = (signal: string) =>
        shell.run(`kill -${signal} $(cat /proc/1/task/1/children)`, AbortSignal.timeout(10_000));
      await tell("STOP");
      const ended = old.stop({ t: 60 });
      await setTimeout(300);
      await tell("CONT");
      await ended;
    });
  }

  it("loses no request where the old one ends what it has begun", async () => {
    const call = testCall();
    const { phases, failures } = await replace(endLate, "/", call);
    expect(failures).toEqual([]);
    expect(phases[0]!.requests).toBeGreaterThan(500);
    expect(call.told.filter((line) => line.startsWith("warning"))).toEqual([]);
  });

  it("loses those that wait at it where the kernel does not hand them over, and says so before", async () => {
    const set = (value: 0 | 1) =>
      execFileSync("nsenter", [
        `--net=${lab.netns}`,
        ...["sh", "-c", `echo ${value} >/proc/sys/net/ipv4/tcp_migrate_req`],
      ]);
    set(0);
    try {
      const call = testCall();
      const { phases } = await replace(endLate, "/", call);
      expect(phases[0]!.failed).toBeGreaterThan(0);
      expect(call.told.filter((line) => line.startsWith("warning"))).toEqual([
        expect.stringMatching(
          /^warning container .* may be cut\. .*net\.ipv4\.tcp_migrate_req is 0 there; set it to 1/,
        ),
      ]);
    } finally {
      set(1);
    }
  });

  it("loses some where the old one is killed", async () => {
    // Slow ones: dozens are under way at every moment, where of quick ones there may be none at the old one.
    const { phases } = await replace((old) => old.kill(), "/slow");
    expect(phases[0]!.failed).toBeGreaterThan(0);
  });
});
