import type { types } from "@pulumi/docker";
import type { Plain } from "../plain.js";
import type { Credentials } from "../registryAuth.js";
import type { BuildParameters } from "./buildImage.js";

export type RemoteImageBuild = Plain<types.input.RemoteImageBuild>;

/** Arguments that only BuildKit's own protocol can carry, or the classic builder does not know. */
const needBuildKit = [
  "additionalContexts",
  "builder",
  "buildLogFile",
  "cacheTos",
  "provenance",
  "sbom",
  "secrets",
  "securityOpts",
  "sessionId",
] as const;

export function unsupportedBuildArguments(build: RemoteImageBuild | undefined): string[] {
  return needBuildKit.filter((name) => build?.[name] !== undefined);
}

/** What `build.authConfigs` says, by registry. */
export function buildCredentials({ authConfigs }: RemoteImageBuild): Record<string, Credentials> {
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

/** The parameters of the Engine API's "build an image" for the SDK's `build`. */
export function remoteImageBuild(name: string, build: RemoteImageBuild): BuildParameters {
  const labels = { ...build.label, ...build.labels };
  return {
    t: [name, ...(build.tags ?? [])],
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
