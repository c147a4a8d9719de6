import type * as docker from "@pulumi/docker";
import {
  type Call,
  type CheckFailure,
  type DiffResult,
  differences,
  formatPath,
  hasUnknown,
  type ResourceHandler,
} from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { ifExists, isConflict } from "../engine/engineError.js";
import { parseImageReference } from "../engine/imageReference.js";
import type { Plain } from "../plain.js";
import { authHeader, type Credentials, serverOf } from "../registryAuth.js";
import { contextDigest, openBuildContext } from "./buildContext.js";
import { buildImage } from "./buildImage.js";
import { pushImage } from "./pushImage.js";

/** The SDK's inputs, with a digest of the context's content that `check` adds: a change of a file is a change of it. */
export type ImageInputs = Omit<Plain<docker.ImageArgs>, "build"> & {
  build?: Plain<docker.types.input.DockerBuild> & { contextDigest?: string };
};

export interface ImageState extends Record<string, unknown> {
  readonly imageName: string;
  readonly baseImageName: string;
  /** `repository@sha256:…` of what was pushed; of what was not, the image's id. */
  readonly repoDigest: string;
  readonly registryServer: string;
  /** The image's id in the engine that built it. */
  readonly imageId: string;
}

const buildLimitMs = 60 * 60_000;

/** `docker:index/image:Image`. */
export const image: ResourceHandler<ImageInputs, ImageState, Configuration> = {
  computed: ["baseImageName", "context", "dockerfile", "imageId", "platform", "registryServer", "repoDigest"],
  unstable: ["imageId", "repoDigest"],
  timeouts: { create: buildLimitMs, update: buildLimitMs },
  check,
  diff: ({ oldInputs, inputs }) => diffImage(oldInputs, inputs),
  async create(inputs, call) {
    return { id: inputs.imageName, state: await make(inputs, call) };
  },
  update: ({ inputs }, call) => make(inputs, call),
  async read(id, state, inputs, call) {
    if (!state || !inputs)
      throw new Error(`image ${id} can't be imported: Docker does not know what it was built from.`);
    return (await exists(state, inputs, call)) ? { id, state, inputs } : undefined;
  },
  async delete(_id, state, { config: { engine }, signal, log }) {
    const path = `/images/${state.imageName}`;
    const found = await ifExists(engine.call<{ Id: string }>("GET", `${path}/json`, { signal }));
    // Another program may have given the name to an image of its own.
    if (found?.Id !== state.imageId) return;
    try {
      await ifExists(engine.call("DELETE", path, { signal }));
    } catch (error) {
      if (!isConflict(error)) throw error;
      log("info", `image ${state.imageName} stays: ${(error as Error).message}`);
    }
  },
};

async function check(inputs: ImageInputs): Promise<{ inputs: ImageInputs; failures: CheckFailure[] }> {
  const failures: CheckFailure[] = [];
  const { build, imageName, registry } = inputs;
  if (typeof imageName === "string" && imageName.includes("@")) {
    failures.push({
      property: "imageName",
      reason: `"${imageName}" has a digest, which only a build decides; use a tag`,
    });
  }
  if (typeof registry?.server === "string" && typeof imageName === "string" && !inputs.skipPush) {
    const server = serverOf(registry.server);
    if (server !== "docker.io" && !imageName.startsWith(`${server}/`)) {
      failures.push({
        property: "imageName",
        reason: `"${imageName}" is pushed to ${server}: it must start with "${server}/"`,
      });
    }
  }
  if (hasUnknown(build?.context) || hasUnknown(build?.dockerfile)) return { inputs, failures };
  try {
    const digest = await contextDigest(openBuildContext(build?.context, build?.dockerfile));
    return { inputs: { ...inputs, build: { ...build, contextDigest: digest } }, failures };
  } catch (error) {
    failures.push({ property: "build.context", reason: (error as Error).message });
    return { inputs, failures };
  }
}

/** All is in place: the image is built anew. Credentials and `buildOnPreview` do not change what is built. */
function diffImage(before: ImageInputs, after: ImageInputs): DiffResult {
  const found = differences({ skipPush: false, ...before }, { skipPush: false, ...after });
  const silent = ["buildOnPreview", "registry.username", "registry.password"];
  return {
    changes: found
      .map(({ path, kind }) => ({ path: formatPath(path), kind, inputDiff: true }))
      .filter(({ path }) => !silent.includes(path)),
  };
}

async function make(inputs: ImageInputs, call: Call<Configuration>): Promise<ImageState> {
  const { imageName, build = {} } = inputs;
  const context = openBuildContext(build.context, build.dockerfile);
  call.step?.("build");
  const imageId = await buildImage(context, buildParameters(inputs), call);
  const base = parseImageReference(imageName);
  const server = inputs.registry?.server ? serverOf(inputs.registry.server) : base.server;
  let repoDigest = imageId;
  if (!inputs.skipPush) {
    call.step?.("push");
    repoDigest = `${base.repository}@${await pushImage(imageName, credentials(inputs, server, call), call)}`;
  }
  return {
    ...inputs,
    imageName,
    baseImageName: imageName,
    repoDigest,
    registryServer: server,
    imageId,
    context: build.context ?? ".",
    dockerfile: build.dockerfile ?? "Dockerfile",
    ...(build.platform !== undefined && { platform: build.platform }),
  };
}

function buildParameters({ imageName, build = {} }: ImageInputs): Record<string, unknown> {
  return {
    t: imageName,
    version: build.builderVersion === "BuilderBuildKit" ? "2" : undefined,
    target: build.target,
    platform: build.platform,
    networkmode: build.network,
    ...(build.args && { buildargs: build.args }),
    ...(build.addHosts?.length && { extrahosts: build.addHosts.join(",") }),
    ...(build.cacheFrom?.images?.length && { cachefrom: JSON.stringify(build.cacheFrom.images) }),
  };
}

/** Is it still where it was made: in the engine, or, if it was pushed, in the registry? */
async function exists(state: ImageState, inputs: ImageInputs, call: Call<Configuration>): Promise<boolean> {
  const { config, signal, log } = call;
  const { engine } = config;
  if (inputs.skipPush) {
    // By name: without one the image may still be there as a layer of others, until the next clean-up.
    const path = `/images/${state.imageName}/json`;
    const found = await ifExists(engine.call<{ Id: string }>("GET", path, { signal }));
    return found?.Id === state.imageId;
  }
  const headers = authHeader(credentials(inputs, state.registryServer, call));
  try {
    return (
      (await ifExists(engine.call("GET", `/distribution/${state.repoDigest}/json`, { signal, headers }))) !==
      undefined
    );
  } catch (error) {
    // The registry may be down for a while: that says nothing about what is in it.
    if (/manifest unknown|name unknown|not found/i.test((error as Error).message)) return false;
    log("warning", `${state.repoDigest} could not be looked up: ${(error as Error).message}`);
    return true;
  }
}

function credentials(
  inputs: ImageInputs,
  server: string,
  { config }: Call<Configuration>,
): Credentials | undefined {
  const { username, password } = inputs.registry ?? {};
  if (username === undefined) return config.credentials(server);
  return { username, ...(password !== undefined && { password }), serveraddress: server };
}
