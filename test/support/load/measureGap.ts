import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { typeScriptArguments } from "../typeScriptProcess.js";

export interface Gap {
  readonly answered: number;
  readonly failed: number;
  /** The longest time without an answer. */
  readonly longestMs: number;
}

/** How long nobody answers at a URL while something is done, as clients in a network namespace see it. */
export async function measureGap(url: string, netns: string, during: () => Promise<void>): Promise<Gap> {
  const file = fileURLToPath(new URL("gapClient.ts", import.meta.url));
  const child = spawn("nsenter", [
    `--net=${netns}`,
    "--",
    process.execPath,
    ...typeScriptArguments(file),
    url,
  ]);
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    if ((await lines.next()).value !== "started") throw new Error(`${url} does not answer`);
    await during();
    child.stdin.end();
    return JSON.parse(String((await lines.next()).value));
  } finally {
    child.kill();
  }
}
