// @ts-check
// Keeps the compiled JavaScript up to date. Plain JavaScript itself, as it must run before anything is compiled:
// everything that starts from dist/ comes through here, so that stale code cannot run.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import lockfile from "proper-lockfile";

/** The checkout that this file is part of. */
export const projectDir = resolve(fileURLToPath(import.meta.url), "../..");

/** Folders that hold no sources of the compiled program. */
const skipped = new Set(["node_modules", "dist", "bin", "test", "coverage", "docs"]);
const isSource = /(?<!\.d)\.ts$|^tsconfig.*\.json$|^package\.json$/;
const WAIT_LIMIT_MS = 5 * 60_000;
const COMPILE_LIMIT_MS = 10 * 60_000;

/**
 * Compiles the project's TypeScript where a source, a tsconfig or a package.json has changed since the last time;
 * takes a few milliseconds where none has. Several processes may ask at once: one compiles.
 * @param {string} root the project's folder
 * @param {(line: string) => void} [log] told before it compiles; default standard error, as a plugin's
 *   standard output belongs to the engine
 * @returns {Promise<void>}
 * @throws {Error} with the compiler's messages, where the sources have mistakes
 */
export async function compile(root, log = (line) => console.error(line)) {
  if (isCompiled(root)) {
    return;
  }
  mkdirSync(join(root, "dist"), { recursive: true });
  const release = await acquire(join(root, "dist/.compile.lock"));
  try {
    if (!isCompiled(root)) {
      log("Compiling (3 to 30 s)");
      // Before: a source that changes meanwhile is then compiled again.
      const fingerprint = fingerprintOf(root);
      build(root);
      const stamp = stampOf(root);
      writeFileSync(`${stamp}.new`, fingerprint);
      renameSync(`${stamp}.new`, stamp);
    }
  } finally {
    await release();
  }
}

/**
 * Whether the compiled JavaScript is that of the present sources.
 * @param {string} root the project's folder
 */
export function isCompiled(root) {
  try {
    return readFileSync(stampOf(root), "utf8") === fingerprintOf(root);
  } catch {
    return false;
  }
}

/** @param {string} root */
const stampOf = (root) => join(root, "dist/.compiled");

/**
 * What the sources and the compiled projects are, without reading the sources: paths, sizes, times of change.
 * @param {string} root
 */
function fingerprintOf(root) {
  const hash = createHash("sha256");
  /** @param {string} folder */
  const visit = (folder) => {
    let isProject = false;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith(".") && !skipped.has(entry.name)) {
          visit(path);
        }
      } else if (isSource.test(entry.name)) {
        const { size, mtimeMs } = statSync(path);
        hash.update(`${path}\0${size}\0${mtimeMs}\n`);
        isProject ||= entry.name === "tsconfig.json";
      }
    }
    if (isProject) {
      // Compiled output that somebody removed has to be made again.
      hash.update(`${["dist", "bin"].map((name) => existsSync(join(folder, name))).join()}\n`);
    }
  };
  visit(root);
  return hash.digest("hex");
}

/** @param {string} root */
function build(root) {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const result = spawnSync(process.execPath, [tsc, "--build", "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
    timeout: COMPILE_LIMIT_MS,
    // The child must not take over what the engine asks of this process.
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  if (result.error) {
    throw new Error(`The TypeScript compiler did not run: ${result.error.message}`);
  }
  if (result.status !== 0) {
    throw new Error(`The program does not compile:\n${`${result.stdout}${result.stderr}`.trim()}`);
  }
}

/** @param {string} lock */
async function acquire(lock) {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  for (;;) {
    try {
      return await lockfile.lock(lock, { lockfilePath: lock, realpath: false, stale: 60_000 });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ELOCKED") {
        throw error;
      }
      if (Date.now() > deadline) {
        throw new Error(
          `Another process has been compiling for ${WAIT_LIMIT_MS / 1000} s. Remove ${lock} if none is.`,
        );
      }
      await delay(100);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await compile(projectDir);
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exitCode = 1;
  }
}
