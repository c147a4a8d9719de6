import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HaproxyModel, haproxyModel, renderHaproxy } from "../../../components/haproxy/index.js";
import { place } from "../../../components/placement/index.js";
import { parseTopology } from "../../../components/topology/index.js";
import { serverFigures } from "../../../providers/berth/haproxy/serverFigures.js";
import { ensurePackages } from "../../../toolchain/apt.js";
import { waitUntil } from "../../support/docker/waitUntil.js";
import { startLoad } from "../../support/load/startLoad.js";
import { stackFile } from "../../unit/topology/stackFile.js";

const run = promisify(execFile);
const checkIntervalMs = 2_000;
const machines = { "web-1": "10.77.0.11", "web-2": "10.77.0.12" } as const;
const portOf = (machine: string) => `b-${machine}`;
const folder = mkdtempSync(join(tmpdir(), "berth-gone-"));
/** Nobody else's. */
const namespaceOf = (name: string) => `${basename(folder)}-${name}`;
const balancer = namespaceOf("balancer");
const socket = join(folder, "admin.sock");
const processes: ChildProcess[] = [];

/** A network namespace for the load balancer with a bridge in it, and one for each machine. */
beforeAll(async () => {
  await ensurePackages(["haproxy", "iproute2", "socat"], console.log);
  await run("ip", ["netns", "add", balancer]);
  const ip = (...args: string[]) => run("ip", ["-n", balancer, ...args]);
  await ip("link", "set", "lo", "up");
  await ip("link", "add", "br0", "type", "bridge");
  await ip("address", "add", "10.77.0.1/24", "dev", "br0");
  await ip("link", "set", "br0", "up");
  for (const [name, address] of Object.entries(machines)) {
    const netns = namespaceOf(name);
    await run("ip", ["netns", "add", netns]);
    await ip("link", "add", portOf(name), "type", "veth", "peer", "name", "eth0", "netns", netns);
    await ip("link", "set", portOf(name), "master", "br0", "up");
    await run("ip", ["-n", netns, "address", "add", `${address}/24`, "dev", "eth0"]);
    await run("ip", ["-n", netns, "link", "set", "eth0", "up"]);
    // Any web server: this one is there already.
    const lines = [
      "defaults",
      " mode http",
      ...["connect", "client", "server"].map((side) => ` timeout ${side} 60s`),
      "frontend http",
      ` bind ${address}:80`,
      ` http-request return status 200 content-type text/plain string ${name}`,
    ];
    await startHaproxy(netns, name, `${lines.join("\n")}\n`);
  }
});

afterAll(async () => {
  for (const child of processes) await end(child);
  for (const netns of [...Object.keys(machines).map(namespaceOf), balancer]) {
    await run("ip", ["netns", "delete", netns]);
  }
  rmSync(folder, { recursive: true });
});

test("a machine that is gone without a word costs no request, and is seen within two check intervals", async () => {
  const { downMs, failures, slowestMs } = await lose("web-2", (model) => model);
  expect(failures).toEqual([]);
  // Half a second for us to look.
  expect(downMs).toBeLessThan(2 * checkIntervalMs + 500);
  // One connection that came to nothing, and a second one.
  expect(slowestMs).toBeLessThan(3_500);
}, 120_000);

test("by checks alone it takes longer", async () => {
  const { downMs } = await lose("web-2", (model) => ({
    ...model,
    backends: model.backends.map((backend) => ({
      ...backend,
      servers: backend.servers.map((server) => {
        const { connectErrors: _, ...check } = server.check!;
        return { ...server, check };
      }),
    })),
  }));
  expect(downMs).toBeGreaterThan(2 * checkIntervalMs + 500);
}, 120_000);

/** What clients see of it when a machine's network goes, and how long HAProxy takes to see it. */
async function lose(machine: keyof typeof machines, change: (model: HaproxyModel) => HaproxyModel) {
  const topology = parseTopology(
    {
      ...stackFile("dev"),
      hypervisors: { local: { network: { cidr: "10.77.0.0/24" } } },
      machines: Object.fromEntries(Object.entries(machines).map(([name, address]) => [name, { address }])),
    },
    { stack: "dev" },
  );
  const model = change(haproxyModel(topology.loadBalancers[0]!, topology, place(topology)));
  const config = renderHaproxy({ ...model, global: { ...model.global, runtimeSocket: socket } });
  const haproxy = await startHaproxy(balancer, "balancer", config);
  try {
    await waitUntil("both servers to be well", 20_000, async () => {
      const well = (await servers()).filter(({ lastCheck }) => lastCheck.startsWith("L7OK"));
      return well.length === 2;
    });
    const load = await startLoad(
      { url: "http://10.77.0.1/", rates: { keepAlive: 60, fresh: 30 } },
      `/run/netns/${balancer}`,
    );
    load.phase("gone");
    const began = Date.now();
    await run("ip", ["-n", balancer, "link", "set", portOf(machine), "nomaster"]);
    await waitUntil("HAProxy to see it", 30_000, async () => (await servers()).some(({ down }) => down));
    const downMs = Date.now() - began;
    await setTimeout(5_000);
    const { phases, failures } = await load.stop();
    return { downMs, failures, slowestMs: Math.max(...phases.map(({ p99Ms }) => p99Ms)) };
  } finally {
    await end(haproxy);
    await run("ip", ["-n", balancer, "link", "set", portOf(machine), "master", "br0"]);
  }
}

async function servers() {
  const script = `printf 'show stat -1 4 -1\\n' | socat - "UNIX-CONNECT:$0"`;
  const { stdout } = await run("sh", ["-c", script, socket]).catch(() => ({ stdout: "" }));
  return serverFigures(stdout);
}

async function startHaproxy(netns: string, name: string, config: string): Promise<ChildProcess> {
  const file = join(folder, `${name}.cfg`);
  writeFileSync(file, config);
  const child = spawn("ip", ["netns", "exec", netns, "haproxy", "-db", "-f", file], { stdio: "ignore" });
  await once(child, "spawn");
  processes.push(child);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
