import type * as docker from "@pulumi/docker";
import type { RemoteImageInputs } from "../../../../providers/docker/image/remoteImage.js";
import type { Plain } from "../../../../providers/docker/plain.js";
import type { Row, World } from "./row.js";

type BuilderInputs = Plain<docker.BuildxBuilderArgs>;

/** What needs the client docker buildx: builders, none of which is booted, and the builds that only it can do. */
export function buildxRows(world: World): Row<any>[] {
  return [...builders(world), ...builds(world)];
}

function builders({ folder }: World): Row<BuilderInputs>[] {
  const row = (
    name: string,
    one: BuilderInputs,
    other: BuilderInputs,
    change: string[],
    untold: string[] = [],
  ): Row<BuilderInputs> => ({
    type: "BuildxBuilder",
    name: `builder-${name.toLowerCase()}`,
    one,
    other,
    change,
    untold: ["append", "bootstrap", "buildkitConfig", "driver", "endpoint", "node", "use", ...untold],
  });
  const block = (name: string, one: BuilderInputs, other: BuilderInputs, ...change: string[]) =>
    row(name, one, other, change, ["dockerContainer", "driverOptions", "kubernetes", "remote"]);
  const container = {
    cgroupParent: "/builds",
    cpuPeriod: "50000",
    cpuQuota: "25000",
    cpuShares: "512",
    cpusetCpus: "0",
    cpusetMems: "0",
    defaultLoad: true,
    env: { A: "1,2", B: "x" },
    image: "moby/buildkit:test",
    memory: "64m",
    memorySwap: "128m",
    network: "host",
    restartPolicy: "always",
  };
  const kubernetes = {
    annotations: "a=1",
    defaultLoad: true,
    image: "moby/buildkit:test",
    labels: "b=1",
    limits: { cpu: "1", ephemeralStorage: "1Gi", memory: "1Gi" },
    loadbalance: "random",
    namespace: "builds",
    nodeselector: "c=1",
    qemu: { image: "tonistiigi/binfmt:test", install: true },
    replicas: 2,
    requests: { cpu: "100m", ephemeralStorage: "1Gi", memory: "64Mi" },
    rootless: true,
    schedulername: "s",
    serviceaccount: "a",
    timeout: "30s",
    tolerations: "key=d,operator=Exists",
  };
  const remote = {
    cacert: `${folder}/upload.txt`,
    cert: `${folder}/upload.txt`,
    defaultLoad: true,
    key: `${folder}/upload.txt`,
    servername: "builds.test",
  };
  const endpoint = "tcp://127.0.0.1:1";
  return [
    row("name", { name: "first" }, { name: "second" }, ["name update-replace"]),
    row("driver", { driver: "docker-container" }, { driver: "remote", endpoint }, [
      "driver update-replace",
      "endpoint add-replace",
    ]),
    row("endpoint", { driver: "remote", endpoint }, { driver: "remote", endpoint: "tcp://127.0.0.1:2" }, [
      "endpoint update-replace",
    ]),
    row(
      "append",
      { name: "builder-common", append: true, node: "one", driver: "remote", endpoint },
      { name: "builder-common", append: true, node: "two", driver: "remote", endpoint },
      ["node update-replace"],
    ),
    row(
      "appended",
      { name: "builder-common", append: true, node: "more", driver: "remote", endpoint },
      { name: "builder-own", node: "more", driver: "remote", endpoint },
      ["append update-replace", "name update-replace"],
    ),
    row("bootstrap", { bootstrap: false }, {}, []),
    row("buildkitConfig", { buildkitConfig: `${folder}/buildkitd.toml` }, {}, [
      "buildkitConfig delete-replace",
    ]),
    row("buildkitFlags", { buildkitFlags: "--debug" }, { buildkitFlags: "--trace" }, [
      "buildkitFlags update-replace",
    ]),
    row("driverOptions", { driverOptions: { network: "host" } }, { driverOptions: { network: "none" } }, [
      "driverOptions.network update-replace",
    ]),
    row("node", { node: "one" }, { node: "two" }, ["node update-replace"]),
    row("platforms", { platforms: ["linux/amd64", "linux/arm64"] }, { platforms: ["linux/amd64"] }, [
      "platforms[1] delete-replace",
    ]),
    row("use", { use: false }, { use: true }, ["use update"]),
    block(
      "dockerContainer",
      { dockerContainer: container },
      { dockerContainer: { ...container, memory: "32m" } },
      "dockerContainer.memory update-replace",
    ),
    block(
      "kubernetes",
      { kubernetes },
      { kubernetes: { ...kubernetes, replicas: 3 } },
      "kubernetes.replicas update-replace",
    ),
    block(
      "remote",
      { remote, endpoint },
      { remote: { ...remote, servername: "b.test" }, endpoint },
      "remote.servername update-replace",
    ),
  ];
}

function builds({ folder: context }: World): Row<RemoteImageInputs>[] {
  type Build = Omit<NonNullable<RemoteImageInputs["build"]>, "context">;
  const row = (name: string, one: Build, other: Build, ...change: string[]): Row<RemoteImageInputs> => {
    const given = { name: `local/buildx-${name.toLowerCase()}:1` };
    return {
      type: "RemoteImage",
      name: `buildx-${name}`,
      one: { ...given, build: { context, ...one } },
      other: { ...given, build: { context, ...other } },
      change: change.map((path) => `build.${path}`),
      importedBy: given.name,
      untold: ["build"],
    };
  };
  const cache = `type=local,dest=${context}.cache`;
  return [
    row("additionalContexts", { additionalContexts: [`more=${context}`] }, {}, "additionalContexts delete"),
    row("builder", { builder: "default" }, {}, "builder delete"),
    row(
      "cacheTos",
      { cacheTos: ["type=inline"] },
      { cacheTos: ["type=inline,mode=max"] },
      "cacheTos[0] update",
    ),
    row("cacheFroms", { cacheFroms: [cache.replace("dest", "src")] }, {}, "cacheFroms delete"),
    row("provenance", { provenance: "false" }, {}, "provenance delete"),
    row("sbom", { sbom: "false" }, {}, "sbom delete"),
  ];
}
