import { mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cached } from "./cache.js";
import type { Engine } from "./engine.js";
import { exists } from "./exists.js";
import { goBuild, readGoMod } from "./goBuild.js";
import { findGo } from "./goToolchain.js";
import { hashFolder } from "./hashFolder.js";
import { isLauncher, writeLauncher } from "./launcher.js";
import { type Places, pulumiHome } from "./places.js";
import { runCommand } from "./runCommand.js";

/** Milliseconds for the official plugin's download; where nothing answers, ours is used instead. */
const DOWNLOAD_LIMIT_MS = 90_000;

/**
 * Puts the plugins where the engine looks first: in its own folder, by name and version, so that any program
 * finds them without naming them.
 */
export async function ensurePlugins(places: Places, engine: Engine): Promise<void> {
  await installLibvirt(places);
  await installDocker(places, engine);
  await installOwn(places, "berth", await packageVersion(places, "sdks/berth"));
}

async function installLibvirt(places: Places): Promise<void> {
  const moduleDir = join(places.projectDir, "providers/libvirt");
  const name = "pulumi-resource-libvirt";
  const folder = await cached(
    places.cacheDir,
    `plugin-libvirt-${process.arch}`,
    await hashFolder(moduleDir, (path) => !path.endsWith("_test.go") && !path.startsWith("schemagen/")),
    async (tmpDir) => {
      const go = await findGo(places, (await readGoMod(moduleDir)).go);
      places.log("Building the libvirt plugin from its Go modules (1 to 5 min)");
      const patches = JSON.parse(await readFile(join(moduleDir, "patches.json"), "utf8"));
      await goBuild(places, go, { name, moduleDir, packagePath: ".", patches }, tmpDir);
    },
    places.log,
  );
  const path = pluginPath(places, "libvirt", await packageVersion(places, "sdks/libvirt"));
  const draft = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await rm(draft, { force: true });
  await symlink(join(folder, name), draft);
  await rename(draft, path);
}

async function installDocker(places: Places, { pulumi, origin }: Engine): Promise<void> {
  const version = await packageVersion(places, "node_modules/@pulumi/docker");
  const binary = pluginPath(places, "docker", version);
  if (origin === "official" && !(await exists(binary))) {
    places.log(`Downloading the Docker plugin ${version} (up to ${DOWNLOAD_LIMIT_MS / 1000} s)`);
    try {
      await runCommand(pulumi, ["plugin", "install", "resource", "docker", version], {
        env: { ...process.env, PULUMI_HOME: pulumiHome(places), PULUMI_SKIP_UPDATE_CHECK: "true" },
        limitMs: DOWNLOAD_LIMIT_MS,
      });
    } catch {
      places.log("It cannot be had here: using Berth's own");
    }
  }
  if (!(await exists(binary)) || (await isLauncher(binary))) {
    await installOwn(places, "docker", version);
  }
}

/** Installs a plugin of this project, which starts from the compiled provider. */
async function installOwn(places: Places, name: string, version: string): Promise<void> {
  await writeLauncher(pluginPath(places, name, version), places.projectDir, "plugin.mjs", [name]);
}

const pluginPath = (places: Places, name: string, version: string): string =>
  join(pulumiHome(places), "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);

/** The version of a package: a plugin has that of the SDK that asks for it. */
async function packageVersion({ projectDir }: Places, folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(projectDir, folder, "package.json"), "utf8"));
  return manifest.version;
}
