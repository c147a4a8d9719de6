import { readlinkSync, statSync } from "node:fs";
import type { Host } from "./host.js";
import { run } from "./run.js";

/**
 * Runs this command once more in the lab's network, from where alone the machines can be reached. True where it has, and there is
 * nothing left to do; false where this is that network, or there is no lab.
 */
export async function insideLab({ lab }: Host): Promise<boolean> {
  if (lab === undefined) return false;
  if (readlinkSync("/proc/self/ns/net") === `net:[${statSync(lab.netns).ino}]`) return false;
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.exitCode = await run("nsenter", [`--net=${lab.netns}`, "--", ...command], { cwd: process.cwd() });
  return true;
}
