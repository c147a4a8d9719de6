import { fileURLToPath } from "node:url";

/** Arguments for `process.execPath` that run a TypeScript file of this repository from its source. */
export function typeScriptArguments(file: string): string[] {
  const hooks = fileURLToPath(new URL("runTypeScript.mjs", import.meta.url));
  return ["--experimental-transform-types", "--disable-warning=ExperimentalWarning", "--import", hooks, file];
}
