import { execFileSync } from "node:child_process";
import { cpus } from "node:os";

/** One processor for the engine, as it runs on somebody's own computer, and the others for this process and all else that it starts. */
export function engineProcessor(): { readonly command: readonly string[]; release(): void } {
  const last = cpus().length - 1;
  if (last < 1) throw new Error("Two processors are needed: one is the deployer's, the other the machine's.");
  const hold = (processors: string) =>
    execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", processors, String(process.pid)]);
  hold(`0-${last - 1}`);
  return { command: ["taskset", "--cpu-list", String(last)], release: () => void hold(`0-${last}`) };
}
