import { mkdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { type Engine, ensureEngine } from "./engine.js";
import { ensurePassphrase } from "./ensurePassphrase.js";
import { writeLauncher } from "./launcher.js";
import type { Places } from "./places.js";
import { ensurePlugins } from "./plugins.js";
import { credentialsDir, ownBackend, passphraseFile, pulumiEnv } from "./pulumiEnv.js";

/** The engine with all that it needs, in place. */
export interface Toolchain extends Engine {
  /** Starts the engine, and keeps it from editing the stacks' committed configuration files. */
  pulumi: string;
  /** Folders which go first on PATH: the engine's with its language host, and that of the Node.js in use. */
  binDirs: string[];
  /** Variables for the engine and its plugins. The user's own backend and passphrase are respected in them. */
  env: Record<string, string>;
}

/**
 * Brings the Pulumi engine, its language host and the plugins into place; what is there already is left alone,
 * which takes a fraction of a second. Interrupted, it goes on next time; several at once do not harm each other.
 * @throws with the end of its output where a step fails, and what to do about it
 */
export async function ensureToolchain(places: Places): Promise<Toolchain> {
  const engine = await ensureEngine(places);
  await ensurePlugins(places, engine);
  const env = await environment(places);
  const pulumi = join(places.berthHome, "engine/pulumi");
  await writeLauncher(pulumi, places.projectDir, "engine.mjs", [engine.pulumi]);
  return {
    ...engine,
    pulumi,
    binDirs: [...new Set([dirname(engine.pulumi), dirname(process.execPath)])],
    env,
  };
}

async function environment({ projectDir, berthHome }: Places): Promise<Record<string, string>> {
  const home = homedir();
  const result = pulumiEnv({
    env: process.env,
    home,
    berthHome,
    projectBackend: await projectBackend(projectDir),
    loginBackend: await loginBackend(credentialsDir(process.env, home)),
  });
  if (result["PULUMI_BACKEND_URL"] === ownBackend(berthHome)) {
    await mkdir(join(berthHome, "state"), { recursive: true, mode: 0o700 });
  }
  if (result["PULUMI_CONFIG_PASSPHRASE_FILE"] === passphraseFile(berthHome)) {
    await ensurePassphrase(passphraseFile(berthHome));
  }
  return result;
}

async function projectBackend(projectDir: string): Promise<string | undefined> {
  const project = parse(await readFile(join(projectDir, "Pulumi.yaml"), "utf8"));
  return project?.backend?.url;
}

async function loginBackend(folder: string): Promise<string | undefined> {
  try {
    const { current } = JSON.parse(await readFile(join(folder, "credentials.json"), "utf8"));
    return current || undefined;
  } catch {
    return undefined; // Never logged in.
  }
}
