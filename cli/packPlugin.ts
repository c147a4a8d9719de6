import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import type { Project } from "./project.js";
import { say } from "./say.js";

/** Finds the program beside itself, through links too: the engine's plugin folder may be one. */
const launcher = `#!/bin/sh
# A Pulumi plugin that runs on Node.js 22 or later, the first one on PATH.
exec node "$(dirname -- "$(readlink -f -- "$0")")/main.mjs" "$@"
`;

/** Older packages ask for these. */
const bannerForCommonJs = "const __dirname = import.meta.dirname, __filename = import.meta.filename;";

/**
 * Makes the docker plugin one file that needs nothing of this checkout but Node.js: dist/pulumi-resource-docker-vVERSION.tar.gz,
 * to be installed with `pulumi plugin install resource docker VERSION --file FILE`.
 * @returns the file's path
 */
export async function packPlugin(project: Pick<Project, "dir">): Promise<string> {
  const { version } = JSON.parse(
    await readFile(join(project.dir, "node_modules/@pulumi/docker/package.json"), "utf8"),
  );
  // Only here: it takes longer to load than most commands take.
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    input: join(project.dir, "dist/providers/docker/main.js"),
    platform: "node",
    // What ssh2 uses where it was compiled, and does without elsewhere.
    external: [/\.node$/, "cpu-features"],
    logLevel: "silent",
  });
  const { output } = await bundle.generate({
    format: "esm",
    codeSplitting: false,
    banner: bannerForCommonJs,
  });
  await bundle.close();
  const file = join(project.dir, `dist/pulumi-resource-docker-v${version}.tar.gz`);
  const tar = pack();
  const written = pipeline(tar, createGzip({ level: 9 }), createWriteStream(file));
  tar.entry({ name: "pulumi-resource-docker", mode: 0o755 }, launcher);
  tar.entry({ name: "main.mjs" }, output[0].code);
  for (const [name, path] of [
    ["README.md", "providers/docker/README.md"],
    ["LICENSE", "LICENSE"],
  ] as const) {
    tar.entry({ name }, await readFile(join(project.dir, path)));
  }
  tar.finalize();
  await written;
  say(`Packed. To install it:  pulumi plugin install resource docker ${version} --file ${file}`);
  return file;
}
