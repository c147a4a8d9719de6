import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "../../../../toolchain/cache.js";

// A process that begins to make a folder in the cache and is never done. Says so on standard output.
const [cacheDir = ""] = process.argv.slice(2);
await cached(cacheDir, "thing", "1", async (tmpDir) => {
  writeFileSync(join(tmpDir, "half"), "");
  console.log("begun");
  await new Promise((_, reject) => setTimeout(() => reject(new Error("nobody killed this process")), 60_000));
});
