import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { cached } from "../../toolchain/cache.js";
import { goBuild, readGoMod } from "../../toolchain/goBuild.js";
import { findGo } from "../../toolchain/goToolchain.js";
import { hashFolder } from "../../toolchain/hashFolder.js";

/** What a test builds from Go modules of somebody else's. */
export interface BuiltTool {
  /** Name in the cache; the module that pins it is the folder of that name beside this file. */
  readonly name: string;
  /** The module that it is in, of which the version is told. */
  readonly modulePath: string;
  /** Programs, by name: the packages within the module, or `.` for the one beside what pins it. */
  readonly programs: Readonly<Record<string, string>>;
  /** The variable that holds the program's version, within the module. Default: none does. */
  readonly versionVariable?: string;
  readonly tags?: readonly string[];
}

/** Builds it where it is not in the cache yet, which may take minutes; gives the folder with the programs, and the version. */
export async function builtTool(tool: BuiltTool): Promise<{ binDir: string; version: string }> {
  const moduleDir = resolve(import.meta.dirname, tool.name);
  const projectDir = resolve(import.meta.dirname, "../..");
  const userCache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const places = {
    projectDir,
    berthHome: join(projectDir, ".berth-test"),
    cacheDir: resolve(process.env["BERTH_CACHE"] || join(userCache, "berth")),
    log: (message: string) => process.stderr.write(`${message}\n`),
  };
  const { go: least, modules } = await readGoMod(moduleDir);
  const version = modules.get(tool.modulePath) ?? "";
  const binDir = await cached(
    places.cacheDir,
    `${tool.name}-${process.arch}`,
    await hashFolder(moduleDir),
    async (tmpDir) => {
      const go = await findGo(places, least);
      places.log(`Building ${tool.name} ${version} from its Go modules (½ to 5 min)`);
      const { versionVariable } = tool;
      const values = versionVariable ? [`${tool.modulePath}/${versionVariable}=${version.slice(1)}`] : [];
      for (const [name, folder] of Object.entries(tool.programs)) {
        const packagePath = folder === "." ? "." : `${tool.modulePath}/${folder}`;
        const program = { name, moduleDir, packagePath, values, ...(tool.tags && { tags: tool.tags }) };
        await goBuild(places, go, program, tmpDir);
      }
    },
    places.log,
  );
  return { binDir, version };
}
