import type { types } from "@pulumi/docker";
import { type CheckFailure, hasUnknown } from "../../kit/index.js";
import type { Plain } from "../plain.js";
import type { Credentials } from "../registryAuth.js";
import { openBuildContext } from "./buildContext.js";
import type { BuildOptions, BuildParameters } from "./buildImage.js";
import { checkSecrets, readSecrets } from "./buildSecrets.js";

export type RemoteImageBuild = Plain<types.input.RemoteImageBuild>;

/** Every mistake in the SDK's `build` that can be seen without asking the engine. */
export function checkBuild(build: RemoteImageBuild | undefined): CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (build?.securityOpts !== undefined) {
    failures.push({ property: "build.securityOpts", reason: "Docker takes none for builds on Linux" });
  }
  failures.push(...checkSecrets(build?.secrets, "build.secrets"));
  if (build?.secrets?.length && build.useLegacyBuilder === true) {
    failures.push({
      property: "build.useLegacyBuilder",
      reason: "the legacy builder knows no secrets: leave it out, or the secrets",
    });
  }
  if (build && !hasUnknown(build.context) && !hasUnknown(build.dockerfile)) {
    try {
      openBuildContext(build.context, build.dockerfile && `${build.context}/${build.dockerfile}`);
    } catch (error) {
      failures.push({ property: "build.context", reason: (error as Error).message });
    }
  }
  return failures;
}

/** What a build is given beside its parameters. Errors name a secret that can't be read. */
export function buildOptions(build: RemoteImageBuild): BuildOptions {
  return {
    credentials: credentialsOf(build),
    secrets: readSecrets(build.secrets),
    sessionId: build.sessionId,
    logFile: build.buildLogFile,
  };
}

/** What `build.authConfigs` says, by registry. */
function credentialsOf({ authConfigs }: RemoteImageBuild): Record<string, Credentials> {
  const entries = (authConfigs ?? []).map(
    ({ hostName, serverAddress, userName, password, identityToken }) => [
      hostName,
      {
        serveraddress: serverAddress ?? hostName,
        ...(userName !== undefined && { username: userName }),
        ...(password !== undefined && { password }),
        ...(identityToken !== undefined && { identitytoken: identityToken }),
      },
    ],
  );
  return Object.fromEntries(entries);
}

/** Where it is asked for, or for what the legacy builder, which is there otherwise, does not know. */
function usesBuildKit({ version, useLegacyBuilder, secrets, sessionId }: RemoteImageBuild): boolean {
  if (useLegacyBuilder) return false;
  return version === "2" || (secrets?.length ?? 0) > 0 || sessionId !== undefined;
}

/** The parameters of the Engine API's "build an image" for the SDK's `build`. */
export function remoteImageBuild(name: string, build: RemoteImageBuild): BuildParameters {
  const labels = { ...build.label, ...build.labels };
  return {
    t: [name, ...(build.tags ?? [])],
    version: usesBuildKit(build) ? "2" : undefined,
    target: build.target,
    platform: build.platform,
    networkmode: build.networkMode,
    nocache: build.noCache,
    pull: build.pullParent,
    rm: build.remove ?? true,
    forcerm: build.forceRemove ?? true,
    q: build.suppressOutput,
    squash: build.squash,
    isolation: build.isolation,
    remote: build.remoteContext,
    cgroupparent: build.cgroupParent,
    cpuperiod: build.cpuPeriod,
    cpuquota: build.cpuQuota,
    cpusetcpus: build.cpuSetCpus,
    cpusetmems: build.cpuSetMems,
    cpushares: build.cpuShares,
    memory: build.memory,
    memswap: build.memorySwap,
    shmsize: build.shmSize,
    ...(build.buildArgs && { buildargs: build.buildArgs }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(build.extraHosts?.length && { extrahosts: build.extraHosts.join(",") }),
    ...(build.cacheFroms?.length && { cachefrom: JSON.stringify(build.cacheFroms) }),
    ...(build.ulimits?.length && {
      ulimits: JSON.stringify(
        build.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
      ),
    }),
  };
}
