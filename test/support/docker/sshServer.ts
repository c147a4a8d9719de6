import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePackages } from "../../../toolchain/apt.js";
import { freePort, listens } from "./ports.js";
import { waitUntil } from "./waitUntil.js";

/** A real sshd on loopback with its own keys, behind a forwarder that counts connections and can cut them. */
export interface SshServer {
  readonly folder: string;
  readonly port: number;
  readonly hostKey: string;
  readonly privateKey: string;
  /** The words for `sshOpts`: this server's host key pinned, this server's user key. */
  readonly sshOpts: readonly string[];
  /** Connections taken so far. */
  connections(): number;
  /** Breaks every standing connection, as a machine that loses its network does. */
  cut(): void;
  /** Takes connections and never says a word from now on, or talks again. */
  mute(muted: boolean): void;
  stop(): Promise<void>;
}

export async function startSshServer(settings: readonly string[] = []): Promise<SshServer> {
  await ensurePackages(["openssh-client", "openssh-server"], console.error);
  const folder = mkdtempSync(join(tmpdir(), "berth-sshd-"));
  for (const name of ["host", "user"]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder, name)]);
  }
  const file = (name: string) => readFileSync(join(folder, name), "utf8");
  const sshdPort = await freePort();
  writeFileSync(
    join(folder, "sshd_config"),
    [
      `Port ${sshdPort}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${join(folder, "host")}`,
      `AuthorizedKeysFile ${join(folder, "user.pub")}`,
      `PidFile ${join(folder, "sshd.pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "LogLevel ERROR",
      ...settings,
      "",
    ].join("\n"),
  );
  mkdirSync("/run/sshd", { recursive: true });
  const sshd = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", join(folder, "sshd_config")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const forwarder = await startForwarder(sshdPort);
  await waitUntil("sshd to listen", 10_000, () => listens(sshdPort));
  const hostKey = file("host.pub").trim();
  writeFileSync(join(folder, "known_hosts"), `[127.0.0.1]:${forwarder.port} ${hostKey}\n`);
  return {
    ...forwarder,
    folder,
    hostKey,
    privateKey: file("user"),
    sshOpts: [
      "-i",
      join(folder, "user"),
      "-o",
      `UserKnownHostsFile=${join(folder, "known_hosts")}`,
      "-o",
      "StrictHostKeyChecking=yes",
    ],
    async stop() {
      forwarder.close();
      await end(sshd);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startForwarder(target: number) {
  const sockets = new Set<Socket>();
  let taken = 0;
  let muted = false;
  const server = createServer((client) => {
    taken++;
    sockets.add(client);
    client.on("error", () => {}).on("close", () => sockets.delete(client));
    if (muted) return;
    const upstream = connect(target, "127.0.0.1");
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => taken,
    cut,
    mute(value: boolean) {
      muted = value;
    },
    close() {
      server.close();
      cut();
    },
  };
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  process.kill("SIGTERM");
  await once(process, "exit");
}
