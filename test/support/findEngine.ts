import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { ensureEngine } from "../../toolchain/engine.js";

/** The path of `pulumi`. `npm test` has put it in place; a test run by hand on a fresh machine builds it, which takes minutes. */
export async function findEngine(): Promise<string> {
  const projectDir = resolve(import.meta.dirname, "../..");
  const userCache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const { pulumi } = await ensureEngine({
    projectDir,
    berthHome: join(projectDir, ".berth-test"),
    cacheDir: resolve(process.env["BERTH_CACHE"] || join(userCache, "berth")),
    log: (message) => process.stderr.write(`${message}\n`),
  });
  return pulumi;
}
