import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { connectDocker } from "../../../../providers/connection/index.js";
import { ensurePackages } from "../../../../toolchain/apt.js";
import { waitUntil } from "./waitUntil.js";

/** A busybox root file system, imported into every test's engine. */
export const image = "busybox:test";

/** A real dockerd in namespaces of its own: its bridge, rules, mounts and processes end with it. */
export interface DockerServer {
  /** `unix://…`. */
  readonly host: string;
  readonly socket: string;
  readonly docker: Docker;
  /** The registry beside it, at this address as the engine sees it; started on first use. */
  registry(): Promise<string>;
  /** Kills the engine and its containers, as a crash of the machine would, and starts it again on demand. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const base = "/var/tmp";
const startLimitMs = 60_000;
const registryPort = 5000;

export async function startDockerServer(): Promise<DockerServer> {
  await ensurePackages(["busybox-static", "docker.io", "iproute2"], console.error);
  const folder = mkdtempSync(join(base, "berth-docker-"));
  const socket = join(folder, "docker.sock");
  const host = `unix://${socket}`;
  const { docker, close } = connectDocker({ host });
  let dockerd: ChildProcess | undefined;
  let registry: ChildProcess | undefined;

  const server: DockerServer = {
    host,
    socket,
    docker,
    async start() {
      dockerd = launchDockerd(folder, socket);
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
    },
    async registry() {
      await ensurePackages(["docker-registry"], console.error);
      registry ??= launchRegistry(folder, namespaceOf(dockerd));
      const address = `127.0.0.1:${registryPort}`;
      await waitUntil("the registry to listen", startLimitMs, () =>
        // A login without a user is the engine's own way to knock at a registry.
        docker.checkAuth({ serveraddress: `http://${address}`, username: "u", password: "p" }).then(
          () => true,
          () => false,
        ),
      );
      return address;
    },
    async stop() {
      await removeContainers(docker).catch(() => {});
      close();
      await end(registry, "SIGKILL");
      await end(dockerd, "SIGKILL");
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

function launchDockerd(folder: string, socket: string): ChildProcess {
  const dockerd = [
    "exec dockerd",
    `--data-root=${folder}/data --exec-root=${folder}/exec --pidfile=${folder}/docker.pid`,
    `-H unix://${socket} --group=root --log-level=warn`,
  ].join(" ");
  const log = openSync(join(folder, "dockerd.log"), "a");
  const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  // Signals to `unshare` end the namespace's first process, and with it all others.
  const child = spawn("unshare", [...namespaces, "sh", "-c", `ip link set lo up && ${dockerd}`], {
    stdio: ["ignore", log, log],
    env: { PATH: process.env["PATH"], HOME: "/root" },
  });
  closeSync(log);
  return child;
}

function launchRegistry(folder: string, namespace: string): ChildProcess {
  const storage = join(folder, "registry");
  mkdirSync(storage, { recursive: true });
  const config = join(folder, "registry.yml");
  writeFileSync(
    config,
    [
      "version: 0.1",
      "log: { level: error, accesslog: { disabled: true } }",
      `storage: { filesystem: { rootdirectory: ${storage} }, delete: { enabled: true } }`,
      `http: { addr: "127.0.0.1:${registryPort}" }`,
      "",
    ].join("\n"),
  );
  return spawn("nsenter", [`--net=${namespace}`, "docker-registry", "serve", config], { stdio: "ignore" });
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
    "sh sleep cat echo httpd nslookup tail wget true false ls id hostname env touch stat nc mkdir test printf trap kill";
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

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

function lastLines(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-15).join("\n");
}
