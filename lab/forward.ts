import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { withLock } from "../toolchain/lock.js";
import { runCommand } from "../toolchain/runCommand.js";
import { daemonEnvironment } from "./daemons.js";
import type { Lab } from "./lab.js";
import { labFile } from "./labFile.js";
import { labInit } from "./labProcesses.js";
import type { ProcessInfo } from "./processes.js";
import { waitFor } from "./waitFor.js";

export interface ForwardOptions {
  lab: Lab;
  /** Address and port on this machine, `127.0.0.1:8080`; where the port is taken, the next that is free. */
  listen: string;
  /** Address and port in the lab, `192.168.130.1:80`. */
  target: string;
}

const READY_LIMIT_MS = 10_000;

/**
 * Forwards a loopback port of this machine to an address inside a lab, until the lab stops: two relays, one on each side,
 * which meet at a Unix socket, as those are reached from any network namespace. Asked again, it gives the port that is
 * forwarded already.
 *
 * @returns address and port that it listens on
 * @throws where the lab does not run, or no port is free
 */
export async function forward({ lab, listen, target }: ForwardOptions): Promise<string> {
  const init = labInit(lab);
  if (init === undefined) throw new Error(`Lab ${lab.id} does not run: start it first.`);
  return withLock(`${lab.runDir}.forward.lock`, { doing: `forwarding to ${target}` }, async () => {
    const name = target.replaceAll(/[^0-9A-Za-z.]/g, "-");
    const socket = join(lab.runDir, `forward-${name}.sock`);
    const record = join(lab.runDir, `forward-${name}.listen`);
    const known = await readFile(record, "utf8").catch(() => undefined);
    if (known !== undefined && existsSync(socket) && (await accepts(known))) return known;

    const address = await freeAddress(listen);
    const [host, port] = split(address);
    await relay(lab, init, ["--net"], `forward-${name}.inside`, [
      `UNIX-LISTEN:${socket},fork,mode=600,unlink-early`,
      `TCP:${target}`,
    ]);
    await relay(lab, init, [], `forward-${name}.outside`, [
      `TCP-LISTEN:${port},bind=${host},fork,reuseaddr`,
      `UNIX-CONNECT:${socket}`,
    ]);
    await waitFor(`the forward ${address} to listen`, READY_LIMIT_MS, () => accepts(address));
    await writeFile(record, address);
    return address;
  });
}

/** Starts a relay in the lab's PID namespace, so that it ends with the lab. */
async function relay(lab: Lab, init: ProcessInfo, namespaces: string[], name: string, ends: string[]) {
  const log = join(lab.runDir, "log", `${name}.log`);
  const inside = namespaces.length > 0;
  await runCommand(
    "nsenter",
    [
      ...["--target", String(init.pid), "--wd=/", "--pid", ...namespaces, "--"],
      ...(inside
        ? ["sh", labFile("host/daemon.sh"), log]
        : ["sh", "-c", 'setsid "$@" </dev/null >>"$0" 2>&1 &', log]),
      ...["socat", ...ends],
    ],
    { env: daemonEnvironment, limitMs: READY_LIMIT_MS },
  );
}

/** The first address that nothing listens on, from the wanted port on. */
async function freeAddress(wanted: string): Promise<string> {
  const [host, first] = split(wanted);
  const last = Math.min(first + 99, 65535);
  for (let port = first; port <= last; port++) {
    if (await isFree(host, port)) return `${host}:${port}`;
  }
  throw new Error(`Every port of ${host} from ${first} to ${last} is taken: free one of them.`);
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host, port }, () => server.close(() => resolve(true)));
  });
}

function accepts(address: string): Promise<boolean> {
  const [host, port] = split(address);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function split(address: string): [host: string, port: number] {
  const colon = address.lastIndexOf(":");
  return [address.slice(0, colon), Number(address.slice(colon + 1))];
}
