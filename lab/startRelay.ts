import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Server } from "node:net";
import { extname, join } from "node:path";
import { daemonEnvironment } from "./daemons.js";
import type { Lab } from "./lab.js";
import type { ProcessInfo } from "./processes.js";

const START_LIMIT_MS = 15_000;

/**
 * Starts relay.ts among the lab's processes, so that it ends with them, and hands it the listening socket.
 * @returns its PID inside the lab
 */
export async function startRelay(
  lab: Lab,
  init: ProcessInfo,
  server: Server,
  target: { host: string; port: number },
): Promise<number> {
  const script = join(import.meta.dirname, `relay${extname(import.meta.filename)}`);
  const enter = ["--target", String(init.pid), "--wd=/", "--net", "--pid", "--"];
  const relay = [process.execPath, script, target.host, String(target.port)];
  const logFile = join(lab.runDir, "log", "relay.log");
  const out = openSync(logFile, "a");
  // In the background of a shell that ends at once: the relay then belongs to the lab's first process.
  const child = spawn("nsenter", [...enter, "sh", "-c", 'setsid "$0" "$@" &', ...relay], {
    detached: true,
    stdio: ["ignore", out, out, "ipc"],
    env: daemonEnvironment,
  });
  closeSync(out);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<number>((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new Error(`The relay to ${target.host}:${target.port} ${why}. Its log: ${logFile}`));
      timer = setTimeout(() => fail(`did not start in ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
      child.on("error", (error) => fail(error.message));
      child.on("disconnect", () => fail("ended"));
      child.on("message", (message: { innerPid: number }) => resolve(message.innerPid));
      child.send("listen", server);
    });
  } finally {
    clearTimeout(timer);
    if (child.connected) {
      child.disconnect();
    }
    child.unref();
  }
}
