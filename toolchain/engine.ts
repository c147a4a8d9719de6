import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cached } from "./cache.js";
import { exists } from "./exists.js";
import { findOnPath } from "./findOnPath.js";
import { goBuild, readGoMod } from "./goBuild.js";
import { findGo } from "./goToolchain.js";
import { hashFolder } from "./hashFolder.js";
import type { Places } from "./places.js";
import { runCommand } from "./runCommand.js";
import { isAtLeast } from "./version.js";

export interface Engine {
  /** Path of `pulumi`. */
  pulumi: string;
  /** Whether it is a release of Pulumi's own, or built from its Go modules. */
  origin: "official" | "built";
}

const LEAST_VERSION = "3.200.0";
const ENGINE_MODULE = "github.com/pulumi/pulumi/pkg/v3";
const SDK_MODULE = "github.com/pulumi/pulumi/sdk/v3";
const VERSION_VARIABLE = `${SDK_MODULE}/go/common/version.Version`;

/** The Pulumi engine with its language host for Node.js: the one on PATH where it is recent enough, else built. */
export async function ensureEngine(places: Places): Promise<Engine> {
  const official = await findOfficial(places);
  return official === undefined
    ? { pulumi: await buildEngine(places), origin: "built" }
    : { pulumi: official, origin: "official" };
}

async function findOfficial({ berthHome, log }: Places): Promise<string | undefined> {
  for (const candidate of await findOnPath("pulumi", process.env["PATH"])) {
    if (dirname(candidate) === join(berthHome, "bin") || (await isWrapper(candidate))) {
      continue;
    }
    const version = await runCommand(candidate, ["version"], {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      limitMs: 30_000,
    }).catch(() => "");
    const host = join(dirname(candidate), "pulumi-language-nodejs");
    if (!isAtLeast(version, LEAST_VERSION)) {
      log(
        `Not using ${candidate}: it is ${version.trim() || "no working Pulumi"}, and ${LEAST_VERSION} is needed`,
      );
    } else if (!(await exists(host))) {
      log(`Not using ${candidate}: its language host for Node.js, ${host}, is missing`);
    } else {
      return candidate;
    }
  }
  return undefined;
}

/** Whether it is the script that a checkout's setup puts on PATH in the engine's place. */
async function isWrapper(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(4096) });
    const start = buffer.toString("latin1", 0, bytesRead);
    return start.startsWith("#!") && start.includes("BERTH_HOME");
  } finally {
    await file.close();
  }
}

async function buildEngine(places: Places): Promise<string> {
  const engineDir = join(places.projectDir, "toolchain/engine");
  const hostDir = join(places.projectDir, "toolchain/language-nodejs");
  const engine = await readGoMod(engineDir);
  const host = await readGoMod(hostDir);
  const version = engine.modules.get(ENGINE_MODULE);
  const hostVersion = host.modules.get(SDK_MODULE);
  // Not of what else the engine's module holds, the SDK generator.
  const pins = (path: string) => path === "go.mod" || path === "go.sum";
  const keys = [await hashFolder(engineDir, pins), await hashFolder(hostDir, pins)];
  const folder = await cached(
    places.cacheDir,
    `engine-${process.arch}`,
    keys.map((key) => key.slice(0, 8)).join("-"),
    async (tmpDir) => {
      const go = await findGo(places, isAtLeast(engine.go, host.go) ? engine.go : host.go);
      places.log(`Building the Pulumi engine ${version} from its Go modules (1 to 10 min)`);
      await goBuild(
        places,
        go,
        {
          name: "pulumi",
          moduleDir: engineDir,
          packagePath: `${ENGINE_MODULE}/cmd/pulumi`,
          values: [`${VERSION_VARIABLE}=${version}`],
        },
        tmpDir,
      );
      places.log(`Building its language host for Node.js ${hostVersion} (20 s to 2 min)`);
      await goBuild(
        places,
        go,
        {
          name: "pulumi-language-nodejs",
          moduleDir: hostDir,
          packagePath: `${SDK_MODULE}/nodejs/cmd/pulumi-language-nodejs`,
          values: [`${VERSION_VARIABLE}=${hostVersion}`],
        },
        tmpDir,
      );
    },
    places.log,
  );
  return join(folder, "pulumi");
}
