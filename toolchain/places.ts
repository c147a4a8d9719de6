import { join } from "node:path";
import type { Log } from "./lock.js";

/** Where the toolchain finds and puts things. */
export interface Places {
  /** The checkout: Pulumi.yaml, toolchain/, providers/. */
  projectDir: string;
  /** What belongs to this checkout alone: plugins, state, passphrase. */
  berthHome: string;
  /** What all checkouts share, and what can be made again. */
  cacheDir: string;
  /** Told what is done and how long it may take. */
  log: Log;
}

/** The engine's own folder: plugins, and who is logged in where. */
export const pulumiHome = ({ berthHome }: Pick<Places, "berthHome">): string => join(berthHome, "pulumi");

/** Where the output of a long step goes. */
export const logFile = ({ cacheDir }: Pick<Places, "cacheDir">, name: string): string =>
  join(cacheDir, "logs", `${name}.log`);
