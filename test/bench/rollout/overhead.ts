import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
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
const [seconds, connections] = [4, 64];

export interface Throughput {
  readonly way: keyof typeof ports;
  /** Requests a second, the median of the rounds. */
  readonly perSecond: number;
  readonly p99Ms: number;
}

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

/** One worker a processor, as its own package does it, with kept connections to the servers. */
const nginxConfig = (folder: string) => `daemon off;
worker_processes auto;
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

/** Our configuration, a hand-tuned one and nginx in turn, so that whatever else the machine does meets all three. */
export async function overhead(rounds: number, log: (text: string) => void): Promise<Throughput[]> {
  await ensurePackages(["haproxy", "nginx-light", "wrk"], log);
  const folder = mkdtempSync(join(tmpdir(), "berth-overhead-"));
  const children: ChildProcess[] = [];
  const start = (command: string, ...args: string[]) =>
    children.push(spawn(command, args, { stdio: "ignore" }));
  const haproxy = (name: string, text: string) => {
    const file = join(folder, `${name}.cfg`);
    writeFileSync(file, text);
    start("haproxy", "-db", "-f", file);
  };
  try {
    haproxy("backends", backends);
    haproxy("berth", berthConfig());
    haproxy("tuned", tunedConfig);
    writeFileSync(join(folder, "nginx.conf"), nginxConfig(folder));
    start("nginx", "-c", join(folder, "nginx.conf"));
    await Promise.all([...backendPorts, ...Object.values(ports)].map(listening));
    const ways = Object.keys(ports) as (keyof typeof ports)[];
    const taken = new Map(ways.map((way) => [way, [] as { perSecond: number; p99Ms: number }[]]));
    // The first round only warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const way of ways) {
        const one = await wrk(ports[way]);
        if (round > 0) taken.get(way)!.push(one);
      }
    }
    return ways.map((way) => ({
      way,
      perSecond: median(taken.get(way)!.map(({ perSecond }) => perSecond)),
      p99Ms: median(taken.get(way)!.map(({ p99Ms }) => p99Ms)),
    }));
  } finally {
    // nginx writes into the folder until its end.
    const ended = children.map((child) => child.exitCode ?? child.signalCode ?? once(child, "exit"));
    for (const child of children) child.kill();
    await Promise.all(ended);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function wrk(port: number): Promise<{ perSecond: number; p99Ms: number }> {
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", `http://127.0.0.1:${port}/`];
  const { stdout } = await run("wrk", args);
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

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]!;
}
