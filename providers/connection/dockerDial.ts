import { readFileSync } from "node:fs";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { connectSsh, type SshHandle } from "./connectSsh.js";
import type { Dial } from "./dialAgent.js";
import { parseDockerHost } from "./parseDockerHost.js";
import { sshTargetFromOptions } from "./sshTargetFromOptions.js";
import type { DockerTarget } from "./types.js";

const connectTimeoutMs = 15_000;
/** Opening a channel on a connection that stands, or a queue of such. */
const channelTimeoutMs = 120_000;

/** How streams to this engine are opened. Nothing is opened or read yet; mistakes in the address throw at once. */
export function dockerDial(target: DockerTarget): { readonly dial: Dial; close(): void } {
  const tls = tlsMaterial(target);
  const host = parseDockerHost(target.host, tls !== undefined);
  switch (host.kind) {
    case "unix":
      return { dial: () => dialSocket({ path: host.path }), close() {} };
    case "tcp":
      return { dial: () => dialSocket({ host: host.host, port: host.port }, tls?.()), close() {} };
    case "ssh":
      return dialSsh(target, host.path);
  }
}

interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

function tlsMaterial(target: DockerTarget): (() => TlsMaterial) | undefined {
  const { certPath, caMaterial, certMaterial, keyMaterial } = target;
  if (certPath) {
    const read = (name: string) => readFileSync(join(certPath, name), "utf8");
    return () => ({ ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") });
  }
  if (!caMaterial && !certMaterial && !keyMaterial) return undefined;
  return () => ({
    ...(caMaterial && { ca: caMaterial }),
    ...(certMaterial && { cert: certMaterial }),
    ...(keyMaterial && { key: keyMaterial }),
  });
}

function dialSocket(options: NetConnectOpts & { host?: string }, tls?: TlsMaterial): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const ready = tls ? "secureConnect" : "connect";
    const socket: Socket = tls ? connectTls({ ...options, ...tls }) : connect(options);
    const limit = setTimeout(
      () => socket.destroy(new Error(`no answer within ${connectTimeoutMs / 1000} s`)),
      connectTimeoutMs,
    );
    const failed = (error: Error) => {
      clearTimeout(limit);
      reject(error);
    };
    socket.once("error", failed);
    socket.once(ready, () => {
      clearTimeout(limit);
      socket.removeListener("error", failed);
      resolve(socket);
    });
  });
}

function dialSsh(target: DockerTarget, socketPath: string): { dial: Dial; close(): void } {
  let connection: SshHandle | undefined;
  let throughCommand = false;
  const command = `docker -H unix://${quote(socketPath)}`;
  const dial = async (): Promise<Duplex> => {
    connection ??= connectSsh(sshTargetFromOptions(target.host, target.sshOpts));
    const ssh = connection;
    const signal = AbortSignal.timeout(channelTimeoutMs);
    if (!throughCommand) {
      try {
        return await ssh.openUnixSocket(socketPath, signal);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        // sshd answers alike where forwarding is forbidden and where nothing listens: Docker's own command tells which.
        const probe = await ssh.exec(`${command} version`, { signal });
        if (probe.code !== 0) throw noSocket(socketPath, probe.stderr, error);
        throughCommand = true;
      }
    }
    return ssh.openCommand(`${command} system dial-stdio`, signal);
  };
  return {
    dial,
    close() {
      connection?.close();
      connection = undefined;
    },
  };
}

/** An answer of the server (RFC 4254, 5.1) in place of a channel; without a reason the connection itself has failed. */
function isRefusal(error: unknown): boolean {
  return typeof (error as { reason?: unknown }).reason === "number";
}

function noSocket(path: string, detail: string, cause: unknown): Error {
  const said = detail.trim().split("\n").at(-1);
  return new Error(
    `nothing answers at ${path} there: Docker is not installed or not running, or the user may not use the socket ` +
      `(is it in the group docker?).${said ? ` The machine says: ${said}` : ""}`,
    { cause },
  );
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
