import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type GoPatch, patchedModFile } from "./goPatch.js";
import type { Go } from "./goToolchain.js";
import { logFile, type Places } from "./places.js";
import { runCommand } from "./runCommand.js";

export interface GoProgram {
  /** Name of the binary. */
  name: string;
  /** Folder of the module whose go.mod and go.sum pin all that it is built from. */
  moduleDir: string;
  /** The package to build: "." or an import path. */
  packagePath: string;
  /** Go's build tags. */
  tags?: readonly string[];
  /** Values set at link time: `-X` of Go's linker, "path.Name=value". */
  values?: readonly string[];
  /** What to mend in the modules that it is built from. */
  patches?: readonly GoPatch[];
}

/**
 * Builds a Go program into a folder. Go checks each module against go.sum and goes on from its own cache where an
 * earlier build was interrupted.
 * @throws with the end of Go's output and its log file
 */
export async function goBuild(places: Places, go: Go, program: GoProgram, outDir: string): Promise<void> {
  const values = (program.values ?? []).map((value) => `-X ${value}`);
  const linker = ["-s", "-w", ...values].join(" ");
  const tags = program.tags ? [`-tags=${program.tags.join(",")}`] : [];
  const patched = join(outDir, "patched");
  const modFile = program.patches
    ? [`-modfile=${await patchedModFile(go, program.moduleDir, program.patches, patched)}`]
    : [];
  await runCommand(
    go.command,
    [
      "build",
      ...modFile,
      ...tags,
      `-ldflags=${linker}`,
      "-o",
      join(outDir, program.name),
      program.packagePath,
    ],
    {
      cwd: program.moduleDir,
      env: go.env,
      limitMs: 30 * 60_000,
      logFile: logFile(places, program.name),
      hint: "Run again: what was downloaded and built so far is kept.",
    },
  );
  await rm(patched, { recursive: true, force: true });
}

/** What a go.mod asks for. */
export interface Requirements {
  /** The least Go version: "1.25.11". */
  go: string;
  /** Version of each required module: "v3.259.0". */
  modules: Map<string, string>;
}

/** Reads a module's go.mod. */
export async function readGoMod(moduleDir: string): Promise<Requirements> {
  const text = await readFile(join(moduleDir, "go.mod"), "utf8");
  const go = /^go (\S+)$/m.exec(text)?.[1];
  if (go === undefined) {
    throw new Error(`${moduleDir}/go.mod has no line "go VERSION".`);
  }
  const modules = new Map<string, string>();
  for (const [, name, version] of text.matchAll(/^(?:require|\t)\s*(\S+\/\S+) (v\S+)/gm)) {
    modules.set(name!, version!);
  }
  return { go, modules };
}
