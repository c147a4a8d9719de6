import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import {
  hardenedDefaults,
  hardenedGlobal,
  httpOptions,
  renderHaproxy,
} from "../../../components/haproxy/index.js";
import { ensurePackages } from "../../../toolchain/apt.js";

const run = promisify(execFile);
const backendPorts = [19_001, 19_002];
const ports = { berth: 19_010, tuned: 19_011, nginx: 19_012 };
export const ways = ["berth", "tuned", "nginx"] as const;
const [seconds, connections] = [1, 64];
/** Processors, as taskset names them. */
const measured = "0";
const elsewhere = availableParallelism() > 1 ? `1-${availableParallelism() - 1}` : "0";

interface Throughput {
  /** Requests answered in a second. */
  readonly perSecond: number;
  /** What 99 of 100 answers took at most. */
  readonly p99Ms: number;
}

/** What each of them answered while all three were asked. */
export type Round = Readonly<Record<(typeof ways)[number], Throughput>>;

/** Two servers that answer at once, so that the load balancer is what is measured. */
const backends = `global
    maxconn 2000
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
${backendPorts.map((port) => `frontend f${port}\n    bind 127.0.0.1:${port}\n    http-request return status 200 content-type text/plain string "version 1"`).join("\n")}
`;

/** As Berth writes it for two replicas, but for the rights of a process of its own. */
function berthConfig(): string {
  const { chroot: _, uid: __, gid: ___, runtimeSocket: ____, ...global } = hardenedGlobal(4000);
  return renderHaproxy({
    global,
    defaults: hardenedDefaults(4000),
    frontends: [
      {
        name: "http",
        binds: [{ address: "127.0.0.1", port: ports.berth }],
        options: httpOptions,
        defaultBackend: "web",
      },
    ],
    backends: [
      {
        name: "web",
        balance: ["roundrobin"],
        check: { method: "GET", path: "/", host: "web", status: 200, timeoutMs: 2000 },
        servers: backendPorts.map((port, index) => ({
          name: `web-${index + 1}`,
          address: "127.0.0.1",
          port,
          check: { intervalMs: 2000, rise: 2, fall: 3 },
        })),
      },
    ],
  });
}

/** What somebody who knows HAProxy writes for the same: logs, time-outs, checks, kept connections to the servers. */
const tunedConfig = `global
    maxconn 4000
    log stdout format raw local0
defaults
    mode http
    log global
    option httplog
    option dontlognull
    option forwardfor
    http-reuse always
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout http-request 10s
    timeout http-keep-alive 10s
frontend http
    bind 127.0.0.1:${ports.tuned}
    default_backend web
backend web
    balance roundrobin
    option httpchk GET /
${backendPorts.map((port, index) => `    server web-${index + 1} 127.0.0.1:${port} check`).join("\n")}
`;

/** One worker, as it has one processor, with kept connections to the servers. */
const nginxConfig = (folder: string) => `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log /dev/stdout;
  upstream web { ${backendPorts.map((port) => `server 127.0.0.1:${port};`).join(" ")} keepalive 64; }
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")}
  server {
    listen 127.0.0.1:${ports.nginx};
    keepalive_requests 1000000;
    location / {
      proxy_pass http://web;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`;

/**
 * Our configuration, a hand-tuned one and nginx at the same time, each with a client of its own: they share one processor, which each of
 * them would fill alone, and clients and servers have the rest. What else the host does so meets all three alike; measured in turn, its
 * speed differed by a tenth and more from one second to the next. Every round starts them anew and in another order, as a process
 * keeps what luck it had with its memory.
 */
export async function overhead(rounds: number, log: (text: string) => void): Promise<Round[]> {
  await ensurePackages(["haproxy", "nginx-light", "wrk"], log);
  const folder = mkdtempSync(join(tmpdir(), "berth-overhead-"));
  try {
    writeFileSync(join(folder, "backends.cfg"), backends);
    writeFileSync(join(folder, "berth.cfg"), berthConfig());
    writeFileSync(join(folder, "tuned.cfg"), tunedConfig);
    writeFileSync(join(folder, "nginx.conf"), nginxConfig(folder));
    const taken: Round[] = [];
    for (let round = 0; round < rounds; round++) taken.push(await measure(folder, round));
    return taken;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, round: number): Promise<Round> {
  const commands = {
    berth: ["haproxy", "-db", "-f", join(folder, "berth.cfg")],
    tuned: ["haproxy", "-db", "-f", join(folder, "tuned.cfg")],
    nginx: ["nginx", "-c", join(folder, "nginx.conf")],
  };
  const order = ways.map((_, index) => ways[(index + round) % ways.length]!);
  const children: ChildProcess[] = [];
  const start = (processors: string, command: readonly string[]) =>
    children.push(spawn("taskset", ["-c", processors, ...command], { stdio: "ignore" }));
  try {
    start(elsewhere, ["haproxy", "-db", "-f", join(folder, "backends.cfg")]);
    for (const way of order) start(measured, commands[way]);
    await Promise.all([...backendPorts, ...Object.values(ports)].map(listening));
    const taken = await Promise.all(order.map(async (way) => [way, await wrk(ports[way])] as const));
    return Object.fromEntries(taken) as unknown as Round;
  } finally {
    // nginx writes into the folder until its end.
    const ended = children.map((child) => child.exitCode ?? child.signalCode ?? once(child, "exit"));
    for (const child of children) child.kill();
    await Promise.all(ended);
  }
}

async function wrk(port: number): Promise<Throughput> {
  const args = [
    "-c",
    elsewhere,
    "wrk",
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--latency",
    `http://127.0.0.1:${port}/`,
  ];
  const { stdout } = await run("taskset", args);
  if (/Socket errors|Non-2xx/.test(stdout)) throw new Error(stdout);
  const [, amount, unit] = /^\s+99%\s+([\d.]+)(us|ms|s)$/m.exec(stdout)!;
  const perSecond = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(stdout)![1]);
  return { perSecond, p99Ms: Number(amount) * { us: 0.001, ms: 1, s: 1000 }[unit as "us" | "ms" | "s"] };
}

async function listening(port: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    if (tries === 100) throw new Error(`nothing listens on port ${port} after 10 s`);
    await setTimeout(100);
  }
}
