import { builtTool } from "./builtTool.js";

/** A Docker Engine to test with. */
export interface TestedEngine {
  /** For test names. */
  readonly name: string;
  /** The folder that `dockerd` and its helpers are in, before all others on PATH. Default: where the system has them. */
  readonly binDir?: string;
  /** More arguments of dockerd's own. Default: none. */
  readonly options?: readonly string[];
  /** Beginnings of the names of rows that it can't show, and why. Default: none. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** The minor version of the Engine API that it speaks. */
  readonly api: number;
}

/** The one that Debian 12 has: the oldest that is supported. */
export const oldestEngine: TestedEngine = { name: "Docker 20.10", api: 41 };

/** The newest that there is as a Go module. */
export async function newestEngine(): Promise<TestedEngine> {
  const { binDir, version } = await builtTool({
    name: "docker-engine",
    modulePath: "github.com/moby/moby/v2",
    programs: { dockerd: "cmd/dockerd", "docker-proxy": "cmd/docker-proxy" },
    versionVariable: "dockerversion.Version",
    // Neither is needed here, and both want C libraries.
    tags: ["exclude_graphdriver_btrfs", "no_libnftables"],
  });
  // Debian 12's runc knows no time namespaces.
  const options = ["--feature=time-namespaces=false"];
  const lacks = {
    "plugin-": "that option is not for plugins of the engine's own kind",
    "remote-squash": "it does not squash where it keeps its images in containerd",
  };
  return { name: `Docker Engine ${version}`, binDir, options, lacks, api: 56 };
}
