import { createReadStream } from "node:fs";
import { dirname, join } from "node:path";
import Docker from "dockerode";
import { cached } from "../toolchain/cache.js";
import type { Log } from "../toolchain/lock.js";
import { bootstrapDebian } from "./bootstrapDebian.js";
import { contentKey } from "./contentKey.js";
import { debianSources } from "./debianSources.js";
import type { Lab } from "./lab.js";

/** What the Dockerfiles of Berth's own images begin with. */
const BASE = { repo: "debian", tag: "bookworm-slim" };

/**
 * Puts `debian:bookworm-slim` into a lab's Docker where it is missing: made from Debian's packages, as a lab reaches no
 * registry of container images. The first time takes about 20 s.
 */
export async function ensureContainerBase(
  lab: Lab,
  { cacheDir, log }: { cacheDir: string; log: Log },
): Promise<void> {
  const docker = new Docker({ socketPath: lab.dockerHost.slice("unix://".length) });
  const found = await docker.listImages({ filters: { reference: [`${BASE.repo}:${BASE.tag}`] } });
  if (found.length > 0) return;
  const archive = await rootArchive(cacheDir, log);
  log(`Importing ${BASE.repo}:${BASE.tag} into the lab's Docker (a few seconds)`);
  const progress = await docker.importImage(createReadStream(archive), {
    ...BASE,
    fromSrc: "-",
    changes: 'CMD ["bash"]',
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
}

async function rootArchive(cacheDir: string, log: Log): Promise<string> {
  const sources = await debianSources();
  const key = await contentKey([sources], []);
  const folder = await cached(
    cacheDir,
    "container-base",
    key,
    async (target) => {
      log("Making the base of the container images from Debian packages (20 s to 1 min)");
      const logFile = join(dirname(target), "log", "container-base.log");
      await bootstrapDebian({ target: join(target, "root.tar"), sources, packages: [], logFile });
    },
    log,
  );
  return join(folder, "root.tar");
}
