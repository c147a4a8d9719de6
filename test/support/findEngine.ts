import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { ensureEngine } from "../../toolchain/engine.js";
import { type Places, pulumiHome } from "../../toolchain/places.js";
import { ensurePlugins } from "../../toolchain/plugins.js";

/** The path of `pulumi`. `npm test` has put it in place; a test run by hand on a fresh machine builds it, which takes minutes. */
export async function findEngine(): Promise<string> {
  const { pulumi } = await ensureEngine(places());
  return pulumi;
}

/** A folder for the engine (PULUMI_HOME) with all plugins as they are installed. */
export async function installedPlugins(): Promise<string> {
  await ensurePlugins(places(), await ensureEngine(places()));
  return pulumiHome(places());
}

function places(): Places {
  const projectDir = resolve(import.meta.dirname, "../..");
  const userCache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return {
    projectDir,
    berthHome: join(projectDir, ".berth-test"),
    cacheDir: resolve(process.env["BERTH_CACHE"] || join(userCache, "berth")),
    log: (message) => process.stderr.write(`${message}\n`),
  };
}
