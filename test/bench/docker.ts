import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { configure } from "../../providers/docker/configuration.js";
import { container } from "../../providers/docker/container/container.js";
import { image, startDockerServer } from "../support/docker/dockerServer.js";
import { callOn, Lifecycle } from "../support/docker/lifecycle.js";
import { startSshServer } from "../support/docker/sshServer.js";
import { onInterrupt } from "./support/onInterrupt.js";

const count = 60;
const run = promisify(execFile);

/** One way to bring up a container over `ssh://` and to take it down again. */
interface Way {
  readonly name: string;
  up(n: number): Promise<unknown>;
  down(n: number): Promise<unknown>;
  close?(): void;
}

interface Row {
  readonly way: string;
  readonly atOnce: number;
  readonly up: number;
  readonly down: number;
  readonly connections: number;
  readonly failed: number;
}

/** Time, SSH connections and failed calls for 60 containers on one machine: this plugin, and the docker command. */
async function main(): Promise<void> {
  const server = await startDockerServer();
  // The docker command runs its other half on the machine, which has to find this engine. MaxStartups is sshd's default.
  const ssh = await startSshServer([`SetEnv DOCKER_HOST=${server.host}`, "MaxStartups 10:30:100"]);
  const stop = async () => {
    await ssh.stop();
    await server.stop();
  };
  const settle = onInterrupt(stop);
  try {
    const rows: Row[] = [];
    // The engine's own parallelism on two processors, and all at once.
    for (const atOnce of [8, count]) {
      for (const way of [pluginWay(ssh, server.socket), cliWay(ssh)])
        rows.push(await measure(way, atOnce, ssh));
    }
    print(rows);
  } finally {
    settle();
    await stop();
  }
}

type Ssh = Awaited<ReturnType<typeof startSshServer>>;

function pluginWay(ssh: Ssh, socket: string): Way {
  const host = `ssh://root@127.0.0.1:${ssh.port}${socket}`;
  const config = configure({ host, sshOpts: JSON.stringify(ssh.sshOpts) }, {});
  const lives = new Map<number, Lifecycle<any, any>>();
  const inputs = { image, command: ["sleep", "600"], destroyGraceSeconds: 0 };
  return {
    name: "this plugin",
    async up(n) {
      const life = new Lifecycle(container, { ...callOn(host, `plugin-${n}`, 600_000), config });
      lives.set(n, await life.create(inputs));
    },
    down: async (n) => lives.get(n)?.delete(),
    close: () => config.engine.close(),
  };
}

function cliWay(ssh: Ssh): Way {
  const bin = join(ssh.folder, "bin");
  const config = join(ssh.folder, "ssh_config");
  mkdirSync(bin, { recursive: true });
  const known = join(ssh.folder, "known_hosts");
  writeFileSync(
    config,
    `Host *\n  IdentityFile ${join(ssh.folder, "user")}\n  UserKnownHostsFile ${known}\n  StrictHostKeyChecking yes\n`,
  );
  // The docker command has no options for ssh of its own.
  writeFileSync(join(bin, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F '${config}' "$@"\n`);
  chmodSync(join(bin, "ssh"), 0o755);
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env["PATH"]}`,
    DOCKER_HOST: `ssh://root@127.0.0.1:${ssh.port}`,
  };
  const docker = (...args: string[]) => run("docker", args, { env });
  return {
    name: "docker command",
    up: (n) => docker("run", "--detach", "--name", `cli-${n}`, image, "sleep", "600"),
    down: (n) => docker("rm", "--force", `cli-${n}`),
  };
}

async function measure(way: Way, atOnce: number, ssh: Ssh): Promise<Row> {
  const before = ssh.connections();
  const up = await timed(way.up, atOnce);
  const down = await timed(way.down, atOnce);
  way.close?.();
  const connections = ssh.connections() - before;
  return {
    way: way.name,
    atOnce,
    up: up.seconds,
    down: down.seconds,
    connections,
    failed: up.failed + down.failed,
  };
}

/** Runs all, so many at a time. */
async function timed(
  work: (n: number) => Promise<unknown>,
  atOnce: number,
): Promise<{ seconds: number; failed: number }> {
  const numbers = Array.from({ length: count }, (_, n) => n);
  const begun = performance.now();
  let failed = 0;
  const worker = async () => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
      await work(n).catch(() => {
        failed++;
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { seconds: (performance.now() - begun) / 1000, failed };
}

function print(rows: readonly Row[]): void {
  const lines = [
    `| ${count} containers over ssh:// | at a time | up | down | SSH connections | failed calls |`,
    "| --- | --- | --- | --- | --- | --- |",
    ...rows.map(({ way, atOnce, up, down, connections, failed }) => {
      return `| ${way} | ${atOnce} | ${up.toFixed(1)} s | ${down.toFixed(1)} s | ${connections} | ${failed} |`;
    }),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

await main();
