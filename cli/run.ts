import { spawn } from "node:child_process";

/** Runs a command whose output is the user's; gives its exit status (128 and more: ended by a signal). */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
) {
  return new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 128));
  });
}
