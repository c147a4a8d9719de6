import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { withLock } from "../toolchain/lock.js";
import type { Lab } from "./lab.js";
import { labInit, labMembers } from "./labProcesses.js";
import { namespaceId, type ProcessInfo } from "./processes.js";
import { startRelay } from "./startRelay.js";

export interface ForwardOptions {
  lab: Lab;
  /** Address and port on this machine, `127.0.0.1:8080`; where the port is taken, the next that is free. */
  listen: string;
  /** Address and port in the lab, `192.168.130.1:80`. */
  target: string;
}

/** A forward that runs, as it is recorded in the lab's runDir. */
interface Forward {
  /** Where it listens. */
  address: string;
  target: string;
  /** The relay's PID inside the lab. */
  innerPid: number;
}

/** How many ports are tried where the wanted one is taken. */
const PORTS_TRIED = 100;

/**
 * Makes an address inside the lab reachable on this machine, until the lab stops. Where a forward to that target
 * runs already, nothing is changed. The listening socket is made here, outside, and used by a process inside:
 * a socket stays in the network namespace that it was made in.
 * @returns the address that it listens on, "127.0.0.1:8081"
 * @throws where the lab does not run, or none of 100 ports is free
 */
export async function forward({ lab, listen, target }: ForwardOptions): Promise<string> {
  const from = parseAddress(listen);
  const to = parseAddress(target);
  const init = labInit(lab);
  if (!init) {
    throw new Error(`Lab ${lab.id} does not run: nothing to forward ${listen} to. Start it first.`);
  }
  if (namespaceId("/proc/self/ns/net") === namespaceId(lab.netns)) {
    throw new Error(
      `Forwarding ${listen}: this process is inside lab ${lab.id}'s network namespace, and the forward has to ` +
        "listen outside. Run the command without nsenter.",
    );
  }
  return withLock(`${lab.runDir}.forward.lock`, { doing: `forwarding to ${target}` }, async () => {
    const running = await runningForward(lab, init, target);
    if (running) {
      return running.address;
    }
    const server = await listenNear(from);
    try {
      const { address, port } = server.address() as { address: string; port: number };
      const innerPid = await startRelay(lab, init, server, to);
      const record: Forward = { address: `${address}:${port}`, target, innerPid };
      await writeFile(join(lab.runDir, `forward-${port}.json`), `${JSON.stringify(record)}\n`);
      return record.address;
    } finally {
      server.close(); // The relay has the socket; this closes only our handle.
    }
  });
}

async function runningForward(lab: Lab, init: ProcessInfo, target: string): Promise<Forward | undefined> {
  const members = labMembers(init);
  for (const file of await readdir(lab.runDir)) {
    if (/^forward-\d+\.json$/.test(file)) {
      const record = JSON.parse(await readFile(join(lab.runDir, file), "utf8")) as Forward;
      if (record.target === target && members.some((p) => p.innerPid === record.innerPid)) {
        return record;
      }
    }
  }
  return undefined;
}

function parseAddress(text: string): { host: string; port: number } {
  const match = /^([\w.-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || port < 1 || port > 65_535) {
    throw new Error(`Address "${text}": must be an address and a port, such as "127.0.0.1:8080".`);
  }
  return { host: match[1], port };
}

/** A server on the first port that nothing listens on, from the wanted one on. */
async function listenNear({ host, port }: { host: string; port: number }): Promise<Server> {
  const last = Math.min(port + PORTS_TRIED - 1, 65_535);
  for (let candidate = port; candidate <= last; candidate++) {
    const server = createServer();
    const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once("error", resolve).listen({ host, port: candidate }, () => resolve(undefined));
    });
    if (!failure) {
      return server;
    }
    if (failure.code !== "EADDRINUSE") {
      throw failure;
    }
  }
  throw new Error(`Every port of ${host} from ${port} to ${last} is taken: free one of them.`);
}
