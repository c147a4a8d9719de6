import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Project } from "./project.js";
import { UserError } from "./say.js";
import type { Ready } from "./setup.js";

/** Runs the engine in the project's folder; its output is the user's. */
export async function pulumi(
  project: Project,
  ready: Pick<Ready, "bin">,
  args: readonly string[],
): Promise<void> {
  await run(project, ready, args, "inherit");
}

/** Runs the engine and gives its standard output. */
export function pulumiOutput(
  project: Project,
  ready: Pick<Ready, "bin">,
  args: readonly string[],
): Promise<string> {
  return run(project, ready, args, "pipe");
}

function run(
  project: Project,
  ready: Pick<Ready, "bin">,
  args: readonly string[],
  stdout: "inherit" | "pipe",
) {
  return new Promise<string>((resolve, reject) => {
    const child = spawn(join(ready.bin, "pulumi"), args, {
      cwd: project.dir,
      stdio: ["ignore", stdout, "inherit"],
    });
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    // Ctrl-C reaches the engine too, being in the same process group; it ends running operations and then itself.
    const ignore = () => {};
    process.on("SIGINT", ignore);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("SIGINT", ignore);
      if (code === 0) resolve(text);
      else reject(new UserError(`pulumi ${args[0]} ended with ${signal ?? `exit status ${code}`}`));
    });
  });
}
