import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureEngine } from "../../../toolchain/engine.js";
import { isLauncher } from "../../../toolchain/launcher.js";
import type { Places } from "../../../toolchain/places.js";
import { ensurePlugins } from "../../../toolchain/plugins.js";
import { findEngine } from "../../support/findEngine.js";

/** A real engine, in a folder that a user would have on PATH. */
let folder: string;
let said: string[];
let places: Places;
const path = process.env["PATH"];

beforeAll(async () => {
  const engine = await findEngine();
  folder = await mkdtemp(join(tmpdir(), "berth-on-path-"));
  const projectDir = resolve(import.meta.dirname, "../../..");
  said = [];
  const cacheDir = dirname(dirname(engine));
  places = { projectDir, berthHome: join(folder, "home"), cacheDir, log: (line) => said.push(line) };
  await mkdir(join(folder, "bin"));
  for (const name of ["pulumi", "pulumi-language-nodejs"]) {
    await symlink(join(dirname(engine), name), join(folder, "bin", name));
  }
  await mkdir(join(folder, "old"));
  await writeFile(join(folder, "old/pulumi"), "#!/bin/sh\necho v3.199.0\n", { mode: 0o755 });
});
afterAll(async () => {
  process.env["PATH"] = path;
  await rm(folder, { recursive: true, force: true });
});

test("a recent Pulumi on PATH is used, and one that is too old is passed over with a word", async () => {
  process.env["PATH"] = `${folder}/old:${folder}/bin:${path}`;
  expect(await ensureEngine(places)).toEqual({ pulumi: join(folder, "bin/pulumi"), origin: "official" });
  expect(said).toEqual([`Not using ${folder}/old/pulumi: it is v3.199.0, and 3.200.0 is needed`]);
});

test("with it goes Docker's official plugin where that can be downloaded, and Berth's own elsewhere", async () => {
  await ensurePlugins(places, await ensureEngine(places));
  const { version } = JSON.parse(
    await readFile(join(places.projectDir, "node_modules/@pulumi/docker/package.json"), "utf8"),
  );
  const plugin = join(places.berthHome, `pulumi/plugins/resource-docker-v${version}/pulumi-resource-docker`);
  expect(said).toContain(`Downloading the Docker plugin ${version} (up to 90 s)`);
  expect(await isLauncher(plugin)).toBe(said.includes("It cannot be had here: using Berth's own"));
});
