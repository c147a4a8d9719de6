import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { typeScriptArguments } from "../typeScriptProcess.js";
import type { LoadOptions, Report } from "./types.js";

export interface Load {
  /** What ends from now on is counted under this name. */
  phase(name: string): void;
  /** After the last answer. */
  stop(): Promise<Report>;
}

/** Starts the generator in a network namespace, where one is given. It runs: a first request has ended. */
export async function startLoad(options: LoadOptions, netns?: string): Promise<Load> {
  const file = fileURLToPath(new URL("generator.ts", import.meta.url));
  // It stands for other computers, which are not busy with what is measured.
  const first = ["nice", "-n", "-10"];
  const program = [...first, process.execPath, ...typeScriptArguments(file), JSON.stringify(options)];
  const [command, ...args] = netns === undefined ? program : ["nsenter", `--net=${netns}`, "--", ...program];
  const child = spawn(command!, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const running = new Promise<string>((resolve) => lines.once("line", resolve));
  const report = new Promise<Report>((resolve, reject) => {
    let last = "";
    lines.on("line", (line) => {
      last = line;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(last));
      else reject(new Error(`the load generator ended with exit status ${code}`));
    });
  });
  // Whoever never stops it still learns of its end, by its silence.
  report.catch(() => {});
  await Promise.race([running, report]);
  return {
    phase: (name) => void child.stdin.write(`phase ${name}\n`),
    stop() {
      child.stdin.end("stop\n");
      return report;
    },
  };
}
