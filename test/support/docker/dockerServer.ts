import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, join } from "node:path";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { engineWeight } from "../../../providers/berth/engine/plan.js";
import { connectDocker } from "../../../providers/connection/index.js";
import { ensurePackages } from "../../../toolchain/apt.js";
import { oldestEngine, type TestedEngine } from "../dockerEngine.js";
import { freePort, listens } from "./ports.js";
import { waitUntil } from "./waitUntil.js";

/** A busybox root file system, imported into every test's engine. */
export const image = "busybox:test";

/** A real dockerd in namespaces of its own: its bridge, rules, mounts and processes end with it. */
export interface DockerServer {
  /** `unix://…`. */
  readonly host: string;
  readonly socket: string;
  /** Where the engine looks for the sockets of plugins that are processes outside of it. */
  readonly plugins: string;
  readonly docker: Docker;
  /** The network that the engine listens in. */
  netns(): string;
  /** The registry beside it, started on first use, at this address for the engine and for the test alike. */
  registry(): Promise<string>;
  /** The same registry's content at another address, with a log-in: with TLS for the test alone, or without it for the engine too. */
  guardedRegistry(htpasswd: string, options?: { plain?: boolean }): Promise<string>;
  /** Kills the engine and its containers, as a crash of the machine would. */
  kill(): Promise<void>;
  /** Ends the engine as a service manager does: it stops its containers first. */
  shutDown(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const base = "/var/tmp";
const pluginSockets = "/run/docker/plugins";
const startLimitMs = 60_000;

/** Control groups for processors, of version 1. */
const cpuGroups = "/sys/fs/cgroup/cpu";

/**
 * @param options more arguments of dockerd's own. Default: none
 * @param engine default: the system's
 * @param addresses the host's own, in the engine's network: a port published at one is reached through the kernel alone, as on a
 *   machine, and at an address in 127.0.0.0/8 through a process of the engine's. Default: none
 * @param asService whether it shares processors with its containers as on a machine of Berth's, where its service weighs a tenth of
 *   each. Without, where control groups are of version 1, all of them weigh as much as one thread of it. Default: without
 */
export async function startDockerServer(
  options: readonly string[] = [],
  engine: TestedEngine = oldestEngine,
  { addresses = [], asService = false }: { addresses?: readonly string[]; asService?: boolean } = {},
): Promise<DockerServer> {
  await ensurePackages(["busybox-static", "docker.io", "iproute2"], console.error);
  const folder = mkdtempSync(join(base, "berth-docker-"));
  const socket = join(folder, "docker.sock");
  const host = `unix://${socket}`;
  const { docker, close } = connectDocker({ host });
  let dockerd: ChildProcess | undefined;
  const group = asService && existsSync(cpuGroups) ? join(cpuGroups, basename(folder)) : undefined;
  if (group !== undefined) {
    mkdirSync(group);
    // A container has 1024 where systemd says 100.
    writeFileSync(join(group, "cpu.shares"), `${Math.round((1024 * engineWeight) / 100)}`);
  }
  const registries: ChildProcess[] = [];
  let registryAddress: Promise<string> | undefined;

  /** Does the engine get an answer of this registry, if only a refusal? */
  const answersEngine = (address: string) =>
    docker.checkAuth({ serveraddress: `http://${address}`, username: "u", password: "p" }).then(
      () => true,
      (error: Error) => !error.message.includes("connection refused"),
    );
  const server: DockerServer = {
    host,
    socket,
    plugins: join(folder, "plugins"),
    docker,
    netns: () => namespaceOf(dockerd),
    async start() {
      dockerd = launchDockerd(folder, socket, options, engine, { addresses, group });
      const daemon = dockerd;
      await waitUntil(`dockerd in ${folder}`, startLimitMs, async () => {
        if (daemon.exitCode !== null)
          throw new Error(`dockerd ended:\n${lastLines(join(folder, "dockerd.log"))}`);
        return docker.ping().then(
          () => true,
          () => false,
        );
      });
    },
    async kill() {
      await end(dockerd, "SIGKILL");
      rmSync(join(folder, "exec"), { recursive: true, force: true });
      rmSync(join(folder, "docker.pid"), { force: true });
      rmSync(socket, { force: true });
    },
    async shutDown() {
      const unshare = dockerd;
      if (!unshare?.pid) return;
      const children = readFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`, "utf8").trim();
      const ended = once(unshare, "exit");
      process.kill(Number(children), "SIGTERM");
      await ended;
      rmSync(socket, { force: true });
    },
    registry() {
      registryAddress ??= (async () => {
        const port = await freePort();
        const address = `127.0.0.1:${port}`;
        const config = registryConfig(folder, address);
        // One for each network namespace, on the same files.
        registries.push(await launchRegistry(config, [`--net=${namespaceOf(dockerd)}`]));
        registries.push(await launchRegistry(config));
        await waitUntil("the registry to listen", startLimitMs, () =>
          // A login without a user is the engine's own way to knock at a registry.
          docker.checkAuth({ serveraddress: `http://${address}`, username: "u", password: "p" }).then(
            () => true,
            () => false,
          ),
        );
        await waitUntil("the registry to listen here too", startLimitMs, () => listens(port));
        return address;
      })();
      return registryAddress;
    },
    async guardedRegistry(htpasswd, { plain = false } = {}) {
      const port = await freePort();
      const address = `127.0.0.1:${port}`;
      const config = registryConfig(folder, address, { htpasswd, plain });
      registries.push(await launchRegistry(config));
      if (plain) registries.push(await launchRegistry(config, [`--net=${namespaceOf(dockerd)}`]));
      await waitUntil("the guarded registry to listen", startLimitMs, () => listens(port));
      if (plain)
        await waitUntil("it to listen to the engine too", startLimitMs, () => answersEngine(address));
      return address;
    },
    async stop() {
      await removeContainers(docker).catch(() => {});
      close();
      for (const registry of registries) await end(registry, "SIGKILL");
      await end(dockerd, "SIGKILL");
      if (group !== undefined) await removeGroup(group);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await server.start();
    await importBusybox(docker);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

function launchDockerd(
  folder: string,
  socket: string,
  options: readonly string[],
  { binDir, options: own = [] }: TestedEngine,
  { addresses, group }: { readonly addresses: readonly string[]; readonly group: string | undefined },
): ChildProcess {
  const dockerd = [
    "exec dockerd",
    `--data-root=${folder}/data --exec-root=${folder}/exec --pidfile=${folder}/docker.pid`,
    `-H unix://${socket} --group=root --log-level=warn`,
    ...own,
    ...options,
    ...(group === undefined ? [] : ["--cgroup-parent=/"]),
  ].join(" ");
  // Where it leaves a folder for each plugin of its own kind, and looks for the sockets of others.
  const plugins = join(folder, "plugins");
  mkdirSync(plugins, { recursive: true });
  const enter = group === undefined ? "" : `echo $$ >${group}/cgroup.procs && `;
  const network = ["ip link set lo up", ...addresses.map((one) => `ip address add ${one}/32 dev lo`)].join(
    " && ",
  );
  const prepare = `${enter}${network} && mkdir -p ${pluginSockets} && mount --bind ${plugins} ${pluginSockets}`;
  const log = openSync(join(folder, "dockerd.log"), "a");
  const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  // Signals to `unshare` end the namespace's first process, and with it all others.
  const child = spawn("unshare", [...namespaces, "sh", "-c", `${prepare} && ${dockerd}`], {
    stdio: ["ignore", log, log],
    env: { PATH: [binDir, process.env["PATH"]].filter(Boolean).join(delimiter), HOME: "/root" },
  });
  closeSync(log);
  return child;
}

/** Writes the configuration of a registry; where there is a log-in, with a certificate of its own unless it is `plain`. */
function registryConfig(
  folder: string,
  address: string,
  guard?: { readonly htpasswd: string; readonly plain: boolean },
): string {
  const storage = join(folder, "registry");
  mkdirSync(storage, { recursive: true });
  const own = join(folder, address.replace(":", "-"));
  const tls = guard && !guard.plain;
  if (tls) writeCertificate(own);
  if (guard) writeFileSync(`${own}.htpasswd`, `${guard.htpasswd}\n`);
  const lines = [
    "version: 0.1",
    "log: { level: error, accesslog: { disabled: true } }",
    `storage: { filesystem: { rootdirectory: ${storage} }, delete: { enabled: true } }`,
    `http: { addr: "${address}"${tls ? `, tls: { certificate: ${own}.crt, key: ${own}.key }` : ""} }`,
    ...(guard ? [`auth: { htpasswd: { realm: test, path: ${own}.htpasswd } }`] : []),
  ];
  writeFileSync(`${own}.yml`, `${lines.join("\n")}\n`);
  return `${own}.yml`;
}

function writeCertificate(own: string): void {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", `${own}.key`];
  const certificate = ["-subj", "/CN=registry", "-days", "2", "-out", `${own}.crt`];
  execFileSync("openssl", ["req", "-x509", "-nodes", ...key, ...certificate], { stdio: "ignore" });
}

async function launchRegistry(config: string, namespaces: string[] = []): Promise<ChildProcess> {
  await ensurePackages(["docker-registry"], console.error);
  return spawn("nsenter", [...namespaces, "docker-registry", "serve", config], { stdio: "ignore" });
}

/** The network namespace of unshare's child: unshare itself stays outside its new process namespace only. */
function namespaceOf(unshare: ChildProcess | undefined): string {
  return `/proc/${unshare?.pid}/ns/net`;
}

async function importBusybox(docker: Docker): Promise<void> {
  const tar = pack();
  tar.entry({ name: "bin", type: "directory", mode: 0o755 });
  tar.entry({ name: "bin/busybox", mode: 0o755 }, readFileSync("/usr/bin/busybox"));
  const names =
    "sh sleep cat echo httpd nslookup tail wget true false ls id hostname env touch stat nc mkdir test printf trap kill chmod rm wc";
  for (const name of names.split(" ")) {
    tar.entry({ name: `bin/${name}`, type: "symlink", linkname: "busybox" });
  }
  for (const name of ["tmp", "etc", "srv"]) tar.entry({ name, type: "directory", mode: 0o755 });
  tar.entry({ name: "etc/passwd" }, "root:x:0:0:root:/:/bin/sh\nweb:x:1000:1000:web:/:/bin/sh\n");
  tar.entry({ name: "etc/group" }, "root:x:0:\nweb:x:1000:\n");
  tar.finalize();
  const [repo, tag] = image.split(":");
  const imported = await docker.importImage(tar as unknown as NodeJS.ReadableStream as never, { repo, tag });
  await new Promise<void>((resolve, reject) => {
    imported.on("end", resolve).on("error", reject).resume();
  });
}

/** While the engine lives, for a killed one leaves its containers' control groups behind. */
async function removeContainers(docker: Docker): Promise<void> {
  const all = await docker.listContainers({ all: true });
  await Promise.all(all.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}

/** Its processes have been told to end. */
async function removeGroup(group: string): Promise<void> {
  await waitUntil(`the control group ${group} to be empty`, startLimitMs, async () => {
    try {
      rmdirSync(group);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
      return false;
    }
  });
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

function lastLines(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-15).join("\n");
}
