import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { finished } from "node:stream/promises";

export interface RunOptions {
  cwd?: string;
  /** The whole environment; default this process's own. */
  env?: NodeJS.ProcessEnv;
  /** Given on standard input, which is empty by default. */
  input?: string;
  /** Milliseconds until the command is ended and counts as failed. */
  limitMs: number;
  /** File to which all output goes as it comes; made with its folder, replaced where it exists. */
  logFile?: string;
  /** What to do when it fails, a sentence. */
  hint?: string;
}

/** Lines of the output's end which an error shows. */
const TAIL_LINES = 25;
const KILL_AFTER_MS = 5_000;

/**
 * Runs a command to its end, without a shell and without a terminal.
 * @returns its standard output
 * @throws with the command, its exit code and the end of its output, where it fails or takes too long
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const { cwd, env = process.env, input = "", limitMs, logFile } = options;
  if (logFile !== undefined) {
    await mkdir(dirname(logFile), { recursive: true });
  }
  const sink = logFile === undefined ? undefined : createWriteStream(logFile);
  const child = spawn(command, args, { ...(cwd !== undefined && { cwd }), env, stdio: "pipe" });
  let out = "";
  let all = "";
  const collect = (chunk: string): void => {
    all += chunk;
    sink?.write(chunk);
  };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    out += chunk;
    collect(chunk);
  });
  child.stderr.setEncoding("utf8").on("data", collect);
  child.stdin.on("error", () => {}).end(input); // A command which reads no input may be gone by now.
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS).unref();
  }, limitMs);
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`));
  });
  clearTimeout(timer);
  if (sink) {
    await finished(sink.end());
  }
  if (failure === undefined) {
    return out;
  }
  const what = late ? `took longer than ${Math.round(limitMs / 1000)} s` : failure;
  const tail = all.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
  throw new Error(
    [
      `${basename(command)} ${args.join(" ")}: ${what}.`,
      ...(tail === "" ? [] : [tail]),
      ...(logFile === undefined ? [] : [`All of its output is in ${logFile}.`]),
      ...(options.hint === undefined ? [] : [options.hint]),
    ].join("\n"),
  );
}
