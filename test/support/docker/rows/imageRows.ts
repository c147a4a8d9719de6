import type { ImageInputs } from "../../../../providers/docker/image/image.js";
import type { RemoteImageInputs } from "../../../../providers/docker/image/remoteImage.js";
import type { RemoteImageBuild } from "../../../../providers/docker/image/remoteImageBuild.js";
import type { RegistryImageInputs } from "../../../../providers/docker/registry/registryImage.js";
import type { TagInputs } from "../../../../providers/docker/tag.js";
import type { Row, World } from "./row.js";

/** Every argument of what makes, fetches, names and pushes images; `build`, which two have in common, on one of them. */
export function imageRows(world: World): Row<any>[] {
  return [...imagesOf(world), ...remoteImages(world), ...registryImages(world), ...tags(world)];
}

function imagesOf({ folder: context, registry }: World): Row<ImageInputs>[] {
  const row = (
    name: string,
    one: Partial<ImageInputs>,
    other: Partial<ImageInputs>,
    change: string[],
  ): Row<ImageInputs> => {
    const base = { imageName: `local/image-${name.toLowerCase()}:1`, skipPush: true, build: { context } };
    return {
      type: "Image",
      name: `image-${name}`,
      one: { ...base, ...one },
      other: { ...base, ...other },
      change,
      importedBy: "no",
    };
  };
  const build = (name: string, one: object, other: object, ...change: string[]) =>
    row(
      name,
      { build: { context, ...one } },
      { build: { context, ...other } },
      change.map((path) => `build.${path}`),
    );
  const named = `${registry}/image-registry:1`;
  return [
    row("imageName", { imageName: "local/one:1" }, { imageName: "local/two:1" }, ["imageName update"]),
    row("buildOnPreview", { buildOnPreview: false }, { buildOnPreview: true }, []),
    row(
      "registry",
      { imageName: named, skipPush: false, registry: { server: registry, username: "me", password: "one" } },
      { imageName: named, skipPush: false, registry: { server: registry, username: "me", password: "two" } },
      [],
    ),
    row(
      "skipPush",
      { imageName: `${registry}/image-skip:1` },
      { imageName: `${registry}/image-skip:1`, skipPush: false },
      ["skipPush update"],
    ),
    build("addHosts", { addHosts: ["db:10.0.0.3"] }, { addHosts: ["db:10.0.0.4"] }, "addHosts[0] update"),
    build("args", { args: { WHO: "us" } }, { args: { WHO: "them" } }, "args.WHO update"),
    build(
      "builderVersion",
      { builderVersion: "BuilderV1" },
      { builderVersion: "BuilderBuildKit" },
      "builderVersion update",
    ),
    build(
      "cacheFrom",
      { cacheFrom: { images: ["busybox:test"] } },
      { cacheFrom: { images: ["busybox:other"] } },
      "cacheFrom.images[0] update",
    ),
    build(
      "dockerfile",
      { dockerfile: `${context}/Dockerfile` },
      { dockerfile: `${context}/Other.Dockerfile` },
      "contextDigest update",
      "dockerfile update",
    ),
    build("network", { network: "none" }, { network: "host" }, "network update"),
    build("platform", { platform: "linux/amd64" }, {}, "platform delete"),
    build("target", { target: "base" }, { target: "site" }, "target update"),
  ];
}

function remoteImages({ folder: context, image, registry, site }: World): Row<RemoteImageInputs>[] {
  const row = (
    name: string,
    one: Partial<RemoteImageInputs>,
    other: Partial<RemoteImageInputs>,
    change: string[],
    more: Partial<Row<RemoteImageInputs>> = {},
  ): Row<RemoteImageInputs> => ({
    type: "RemoteImage",
    name: `remote-${name}`,
    one: { name: image, keepLocally: true, ...one },
    other: { name: image, keepLocally: true, ...other },
    change,
    importedBy: one.name ?? image,
    untold: ["build", "forceRemove", "keepLocally", "platform", "pullTriggers", "triggers"],
    ...more,
  });
  const build = (
    name: string,
    one: Partial<RemoteImageBuild>,
    other: Partial<RemoteImageBuild>,
    ...change: string[]
  ) => {
    const given = { name: `local/remote-${name.toLowerCase()}:1`, keepLocally: false };
    return row(
      name,
      { ...given, build: { context, ...one } },
      { ...given, build: { context, ...other } },
      change.map((path) => `build.${path}`),
    );
  };
  const pulled = `${registry}/pulled:1`;
  const lonely = `${registry}/lonely:1`;
  return [
    row("name", { name: image }, { name: "busybox:other" }, ["name update-replace"]),
    row("keepLocally", { name: lonely }, { name: lonely, keepLocally: false }, ["keepLocally update"]),
    row("forceRemove", { forceRemove: false }, { forceRemove: true }, ["forceRemove update"]),
    row("platform", { platform: "linux/amd64" }, {}, ["platform delete-replace"]),
    row("pullTriggers", { name: pulled, pullTriggers: ["1"] }, { name: pulled, pullTriggers: ["2"] }, [
      "pullTriggers[0] update",
    ]),
    row("triggers", { name: pulled, triggers: { a: "1" } }, { name: pulled, triggers: { a: "2" } }, [
      "triggers.a update",
    ]),
    build(
      "authConfigs",
      {
        authConfigs: [
          {
            hostName: "r.test",
            serverAddress: "r.test",
            userName: "me",
            password: "one",
            email: "me@r.test",
            auth: "bWU6b25l",
            identityToken: "token",
            registryToken: "token",
          },
        ],
      },
      {},
      "authConfigs delete",
    ),
    build("buildArgs", { buildArgs: { WHO: "us" } }, { buildArgs: { WHO: "them" } }, "buildArgs.WHO update"),
    build("buildId", { buildId: "one" }, { buildId: "two" }, "buildId update"),
    build("buildLogFile", { buildLogFile: `${context}.log` }, {}, "buildLogFile delete"),
    build("cacheFroms", { cacheFroms: [image] }, {}, "cacheFroms delete"),
    build("cgroupParent", { cgroupParent: "/builds" }, {}, "cgroupParent delete"),
    build(
      "cpus",
      { cpuPeriod: 50000, cpuQuota: 25000, cpuSetCpus: "0", cpuSetMems: "0", cpuShares: 512 },
      { cpuPeriod: 50000, cpuQuota: 30000, cpuSetCpus: "0", cpuSetMems: "0", cpuShares: 512 },
      "cpuQuota update",
    ),
    build("dockerfile", { dockerfile: "Other.Dockerfile" }, {}, "dockerfile delete"),
    build("extraHosts", { extraHosts: ["db:10.0.0.3"] }, {}, "extraHosts delete"),
    build(
      "remove",
      { forceRemove: true, remove: true },
      { forceRemove: true, remove: false },
      "remove update",
    ),
    build("isolation", { isolation: "default" }, {}, "isolation delete"),
    build(
      "labels",
      { label: { a: "1" }, labels: { b: "1" } },
      { label: { a: "1" }, labels: { b: "2" } },
      "labels.b update",
    ),
    build("memory", { memory: 67108864, memorySwap: 134217728 }, { memory: 67108864 }, "memorySwap delete"),
    build("networkMode", { networkMode: "none" }, { networkMode: "host" }, "networkMode update"),
    build("noCache", { noCache: true }, {}, "noCache delete"),
    build("platform-of-build", { platform: "linux/amd64" }, {}, "platform delete"),
    build("pullParent", { pullParent: false }, {}, "pullParent delete"),
    build("remoteContext", { remoteContext: `${site}/Dockerfile.txt` }, {}, "remoteContext delete"),
    build(
      "secrets",
      {
        version: "2",
        secrets: [
          { id: "a", env: "HOME" },
          { id: "b", src: `${context}/upload.txt` },
        ],
      },
      { version: "2" },
      "secrets delete",
    ),
    build(
      "sessionId",
      { version: "2", sessionId: "one" },
      { version: "2", sessionId: "two" },
      "sessionId update",
    ),
    build("shmSize", { shmSize: 16777216 }, {}, "shmSize delete"),
    build("squash", { squash: true }, {}, "squash delete"),
    build("suppressOutput", { suppressOutput: true }, {}, "suppressOutput delete"),
    build("tags", { tags: ["local/also:1"] }, { tags: ["local/too:1"] }, "tags[0] update"),
    build("target", { target: "base" }, { target: "site" }, "target update"),
    build(
      "ulimits",
      { ulimits: [{ name: "nofile", soft: 100, hard: 200 }] },
      { ulimits: [{ name: "nofile", soft: 100, hard: 300 }] },
      "ulimits[0].hard update",
    ),
    build(
      "useLegacyBuilder",
      { version: "2", useLegacyBuilder: true },
      { version: "2" },
      "useLegacyBuilder delete",
    ),
    build("version", { version: "1" }, { version: "2" }, "version update"),
  ];
}

function registryImages({ registry }: World): Row<RegistryImageInputs>[] {
  const row = (
    name: string,
    one: RegistryImageInputs,
    other: RegistryImageInputs,
    change: string[],
  ): Row<RegistryImageInputs> => ({
    type: "RegistryImage",
    name: `pushed-${name}`,
    one,
    other,
    change,
    importedBy: one.name as string,
    untold: ["authConfig", "build", "insecureSkipVerify", "keepRemotely", "triggers"],
  });
  const name = `${registry}/pushed:1`;
  return [
    row("name", { name }, { name: `${registry}/pushed:2` }, ["name update-replace"]),
    row(
      "triggers",
      { name: `${registry}/pushed-triggers:1`, triggers: { a: "1" } },
      { name: `${registry}/pushed-triggers:1`, triggers: { a: "2" } },
      ["triggers.a update"],
    ),
    row(
      "keepRemotely",
      { name: `${registry}/pushed-keep:1`, keepRemotely: true },
      { name: `${registry}/pushed-keep:1` },
      ["keepRemotely update"],
    ),
    row(
      "insecureSkipVerify",
      { name: `${registry}/pushed-any:1`, insecureSkipVerify: true },
      { name: `${registry}/pushed-any:1` },
      ["insecureSkipVerify delete"],
    ),
    row(
      "authConfig",
      {
        name: `${registry}/pushed-auth:1`,
        authConfig: { address: registry, username: "me", password: "one" },
      },
      {
        name: `${registry}/pushed-auth:1`,
        authConfig: { address: registry, username: "me", password: "two" },
      },
      ["authConfig.password update"],
    ),
  ];
}

function tags({ image, otherImage }: World): Row<TagInputs>[] {
  const row = (name: string, one: TagInputs, other: TagInputs, change: string[]): Row<TagInputs> => ({
    type: "Tag",
    name: `tag-${name}`,
    one,
    other,
    change,
    untold: ["tagTriggers"],
  });
  return [
    row(
      "targetImage",
      { sourceImage: image, targetImage: "tag-one:1" },
      { sourceImage: image, targetImage: "tag-two:1" },
      ["targetImage update-replace"],
    ),
    row(
      "sourceImage",
      { sourceImage: image, targetImage: "tag-source:1" },
      { sourceImage: otherImage, targetImage: "tag-source:1" },
      ["sourceImage update"],
    ),
    row(
      "tagTriggers",
      { sourceImage: image, targetImage: "tag-triggers:1", tagTriggers: ["1"] },
      { sourceImage: image, targetImage: "tag-triggers:1", tagTriggers: ["2"] },
      ["tagTriggers[0] update"],
    ),
  ];
}
