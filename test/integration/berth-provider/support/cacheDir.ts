import { homedir } from "node:os";
import { join } from "node:path";

/** Where guest images lie that were built before. */
export const cacheDir =
  process.env["BERTH_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "berth");
