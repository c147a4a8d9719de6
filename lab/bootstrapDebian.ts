import { runCommand } from "../toolchain/runCommand.js";
import { daemonEnvironment } from "./daemons.js";
import { SUITE } from "./debianSources.js";

export interface BootstrapOptions {
  /** A folder that does not exist, or a file name ending in .tar. */
  target: string;
  sources: string;
  packages: readonly string[];
  /** Shell commands, run with the root file system's folder as $1 when the packages are installed. */
  customize?: readonly string[];
  /** mmdebstrap's output; it must not be inside the target. */
  logFile: string;
}

/** Paths that are left out of what packages bring: nobody reads manuals in a guest or a container. */
const EXCLUDED = ["/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/doc/*"];
/** Licences stay. */
const INCLUDED = ["/usr/share/doc/*/copyright"];

/** Makes the root file system of a small Debian, with no recommended packages. */
export async function bootstrapDebian(options: BootstrapOptions): Promise<void> {
  const { target, sources, packages, customize = [], logFile } = options;
  const args = [
    ...["--mode=root", "--variant=minbase", `--format=${target.endsWith(".tar") ? "tar" : "directory"}`],
    ...(packages.length > 0 ? [`--include=${packages.join(",")}`] : []),
    ...EXCLUDED.map((path) => `--dpkgopt=path-exclude=${path}`),
    ...INCLUDED.map((path) => `--dpkgopt=path-include=${path}`),
    ...customize.map((command) => `--customize-hook=${command}`),
    ...[SUITE, target, "-"],
  ];
  const proxies = Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$/i.test(name));
  // In a mount namespace of its own: what it mounts in the target ends with it, also where it is killed. Left behind, the
  // machine's own /sys and /dev would lie in a folder that the next build removes.
  await runCommand("unshare", ["--mount", "mmdebstrap", ...args], {
    // Nothing else of the caller's environment: a setting like PYTHONDONTWRITEBYTECODE would end up in the image.
    env: { ...daemonEnvironment, ...Object.fromEntries(proxies) },
    input: sources,
    limitMs: 20 * 60_000,
    logFile,
    hint: "It downloads Debian packages: check that `apt-get update` works on this machine.",
  });
}
