import { closeSync, openSync, writeSync } from "node:fs";
import type { Call } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import type { BuildContext } from "../image/buildContext.js";
import type { BuildOptions } from "../image/buildImage.js";
import type { RemoteImageBuild } from "../image/remoteImageBuild.js";
import { runBuildx } from "./runBuildx.js";

/** What only this client has an answer to. */
const own = ["additionalContexts", "builder", "cacheTos", "provenance", "sbom"] as const;

export function needsBuildx(build: RemoteImageBuild): boolean {
  // `type=local,src=…` and the like: the engine itself knows images only.
  const caches = build.cacheFroms?.some((cache) => /^type=|,type=/.test(cache)) ?? false;
  return !build.useLegacyBuilder && (caches || own.some((name) => build[name] !== undefined));
}

/** Builds with `docker buildx build` and loads the result into the engine under its name and its tags. */
export async function buildWithBuildx(
  { folder, dockerfile }: BuildContext,
  name: string,
  build: RemoteImageBuild,
  call: Call<Configuration>,
  { credentials = {}, logFile }: BuildOptions,
): Promise<void> {
  const log = logFile === undefined ? undefined : openSync(logFile, "w", 0o600);
  const onLine = (line: string) => {
    if (log !== undefined) writeSync(log, `${line}\n`);
    const step = /^#\d+ (\[.*)/.exec(line)?.[1];
    if (step) call.status(step);
  };
  try {
    await runBuildx(buildArguments(folder, dockerfile, name, build), call, {
      onLine,
      credentials,
      env: build.buildArgs ?? {},
    });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

function buildArguments(folder: string, dockerfile: string, name: string, build: RemoteImageBuild): string[] {
  const each = (flag: string, values: readonly string[] | undefined) =>
    (values ?? []).flatMap((value) => [flag, value]);
  const one = (flag: string, value: string | number | undefined) =>
    value === undefined || value === "" ? [] : [flag, String(value)];
  const on = (flag: string, value: boolean | undefined) => (value ? [flag] : []);
  const labels = Object.entries({ ...build.label, ...build.labels }).map(([key, value]) => `${key}=${value}`);
  const secrets = (build.secrets ?? []).map(
    ({ id, env, src }) => `id=${id},${src ? `src=${src}` : `env=${env ?? ""}`}`,
  );
  const limits = (build.ulimits ?? []).map(({ name, soft, hard }) => `${name}=${soft}:${hard}`);
  return [
    "build",
    ...each("--tag", [name, ...(build.tags ?? [])]),
    "--load",
    ...["--file", dockerfile],
    ...one("--builder", build.builder),
    ...each("--add-host", build.extraHosts),
    ...each("--build-context", build.additionalContexts),
    // Their values are in the environment: a command line can be read by others.
    ...each("--build-arg", Object.keys(build.buildArgs ?? {})),
    ...each("--cache-from", build.cacheFroms),
    ...each("--cache-to", build.cacheTos),
    ...one("--cgroup-parent", build.cgroupParent),
    ...each("--label", labels),
    ...one("--network", build.networkMode),
    ...on("--no-cache", build.noCache),
    ...one("--platform", build.platform),
    ...one("--provenance", build.provenance),
    ...on("--pull", build.pullParent),
    ...one("--sbom", build.sbom),
    ...each("--secret", secrets),
    ...one("--shm-size", build.shmSize),
    ...one("--target", build.target),
    ...each("--ulimit", limits),
    build.remoteContext || folder,
  ];
}
