import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Project } from "./project.js";
import { UserError } from "./say.js";
import type { Ready } from "./setup.js";

/** The folder that the engine runs in. */
type Folder = Pick<Project, "dir">;
type Engine = Pick<Ready, "bin">;

/** Runs the engine in the project's folder; its output is the user's. */
export async function pulumi(
  folder: Folder,
  engine: Engine,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await run(folder, engine, args, ["inherit", "inherit"], env);
}

/** Runs the engine and gives its standard output. */
export function pulumiOutput(folder: Folder, engine: Engine, args: readonly string[]): Promise<string> {
  return run(folder, engine, args, ["pipe", "inherit"]);
}

/** Whether the engine does so; where it doesn't, the user is not told. */
export async function pulumiSucceeds(
  folder: Folder,
  engine: Engine,
  args: readonly string[],
): Promise<boolean> {
  try {
    await run(folder, engine, args, ["ignore", "ignore"]);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

type Stream = "inherit" | "pipe" | "ignore";

function run(
  { dir }: Folder,
  { bin }: Engine,
  args: readonly string[],
  [stdout, stderr]: readonly [Stream, Exclude<Stream, "pipe">],
  env: Readonly<Record<string, string>> = {},
) {
  return new Promise<string>((resolve, reject) => {
    const child = spawn(join(bin, "pulumi"), args, {
      cwd: dir,
      env: { ...process.env, ...env },
      stdio: ["ignore", stdout, stderr],
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
