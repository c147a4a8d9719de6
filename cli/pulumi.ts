import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Project } from "./project.js";
import { UserError } from "./say.js";
import type { Ready } from "./setup.js";

/** The folder that the engine runs in: the project's, as a rule. */
type Folder = Pick<Project, "dir">;
/** Where the engine lies. */
export type Engine = Pick<Ready, "bin">;

/** Runs the engine in a folder, with variables beside the user's own; its output is the user's. */
export async function pulumi(
  folder: Folder,
  engine: Engine,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await run(folder, engine, args, "inherit", env);
}

/** Runs the engine and gives its standard output. */
export function pulumiOutput(folder: Folder, engine: Engine, args: readonly string[]): Promise<string> {
  return run(folder, engine, args, "pipe");
}

function run(
  { dir }: Folder,
  { bin }: Engine,
  args: readonly string[],
  stdout: "inherit" | "pipe",
  env: Readonly<Record<string, string>> = {},
) {
  return new Promise<string>((resolve, reject) => {
    const child = spawn(join(bin, "pulumi"), args, {
      cwd: dir,
      env: { ...process.env, ...env },
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
