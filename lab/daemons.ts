import { chmod, readFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { runCommand } from "../toolchain/runCommand.js";
import type { Lab } from "./lab.js";
import { labFile } from "./labFile.js";
import { labMembers } from "./labProcesses.js";
import type { ProcessInfo } from "./processes.js";
import { waitFor } from "./waitFor.js";

/** A long-lived process of the lab. */
export interface Daemon {
  /** The program's name, and its log's. */
  name: string;
  command: (lab: Lab) => string[];
  /** Whether it stays in the machine's own network and mount namespaces. */
  outside?: true;
  /** Whether it does its work. */
  ready: (lab: Lab, init: ProcessInfo) => Promise<boolean>;
}

const READY_LIMIT_MS = 60_000;
/** Until then a daemon's process may still be a script that starts it. */
const EXEC_LIMIT_MS = 3_000;

/** In the order in which they are started. */
const daemons: readonly Daemon[] = [
  {
    name: "slirp4netns",
    outside: true,
    command: (lab) => [
      ...["slirp4netns", "--configure", "--disable-host-loopback", "--netns-type=path"],
      ...[lab.netns, "uplink0"],
    ],
    ready: (_lab, init) => hasDefaultRoute(init.pid),
  },
  { name: "virtlogd", command: () => ["virtlogd"], ready: async () => true },
  {
    name: "libvirtd",
    command: () => ["libvirtd"],
    ready: (lab) => accepts(join(lab.runDir, "libvirt/libvirt-sock")),
  },
  {
    name: "dockerd",
    command: (lab) => ["dockerd", "--config-file", `${lab.stateDir}/etc/dockerd.json`],
    ready: async (lab) => (await pings(socketOf(lab))) && (await closeToOthers(socketOf(lab))),
  },
];

/** Starts the daemons that are not running, all at once, and waits until all are ready. */
export async function startDaemons(lab: Lab, init: ProcessInfo): Promise<void> {
  const running = new Set(labMembers(init).map((p) => p.name));
  for (const daemon of daemons) {
    if (!running.has(daemon.name)) {
      await launch(lab, init, daemon);
    }
  }
  await Promise.all(daemons.map((daemon) => untilReady(lab, init, daemon)));
}

async function untilReady(lab: Lab, init: ProcessInfo, daemon: Daemon): Promise<void> {
  const started = Date.now();
  const gone = (): boolean =>
    Date.now() - started > EXEC_LIMIT_MS && !labMembers(init).some((p) => p.name === daemon.name);
  const outcome = await waitFor(
    `${daemon.name} of lab ${lab.id} to be ready`,
    READY_LIMIT_MS,
    async () => (await daemon.ready(lab, init)) || (gone() && "ended"),
    () => lastWords(logOf(lab, daemon)),
  );
  if (outcome === "ended") {
    throw new Error(`${daemon.name} of lab ${lab.id} ended. ${await lastWords(logOf(lab, daemon))}`);
  }
}

/** Which of the daemons run and are ready, by name. */
export async function daemonStates(lab: Lab, init: ProcessInfo): Promise<Record<string, boolean>> {
  const running = new Set(labMembers(init).map((p) => p.name));
  const states = daemons.map(
    async (d) => [d.name, running.has(d.name) && (await d.ready(lab, init))] as const,
  );
  return Object.fromEntries(await Promise.all(states));
}

async function launch(lab: Lab, init: ProcessInfo, daemon: Daemon): Promise<void> {
  const enter = ["--target", String(init.pid), "--wd=/", "--pid"];
  const log = logOf(lab, daemon);
  const [args, script] = daemon.outside
    ? [enter, ["sh", "-c", 'setsid "$@" </dev/null >>"$0" 2>&1 &', log]]
    : [
        [...enter, "--net", "--mount", "--uts"],
        ["sh", labFile("host/daemon.sh"), log],
      ];
  await runCommand("nsenter", [...args, "--", ...script, ...daemon.command(lab)], {
    env: daemonEnvironment,
    limitMs: 10_000,
  });
}

/** What daemons get of the environment: nothing of the caller's, whose secrets could be in it. */
export const daemonEnvironment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
};

function logOf(lab: Lab, daemon: Daemon): string {
  return join(lab.runDir, "log", `${daemon.name}.log`);
}

function socketOf(lab: Lab): string {
  return lab.dockerHost.slice("unix://".length);
}

async function lastWords(log: string): Promise<string> {
  const text = await readFile(log, "utf8").catch(() => "");
  return `The end of ${log}:\n${text.trimEnd().split("\n").slice(-15).join("\n")}`;
}

async function hasDefaultRoute(pid: number): Promise<boolean> {
  const routes = await readFile(`/proc/${pid}/net/route`, "utf8").catch(() => "");
  return /^uplink0\t00000000\t/m.test(routes);
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

function pings(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: "/_ping", timeout: 5_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.on("timeout", () => call.destroy()).on("error", () => resolve(false));
    call.end();
  });
}

/** dockerd opens its socket to its group. */
async function closeToOthers(path: string): Promise<true> {
  await chmod(path, 0o600);
  return true;
}
