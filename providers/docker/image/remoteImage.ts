import type * as docker from "@pulumi/docker";
import type { Call, ResourceHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { ifExists, isConflict } from "../engine/engineError.js";
import { parseImageReference } from "../engine/imageReference.js";
import type { Plain } from "../plain.js";
import { buildAs } from "./buildAs.js";
import { pullImage } from "./pullImage.js";
import { checkBuild } from "./remoteImageBuild.js";

export type RemoteImageInputs = Plain<docker.RemoteImageArgs>;

export interface RemoteImageState extends Record<string, unknown> {
  readonly name: string;
  readonly imageId: string;
  /** `repository@sha256:…` as the registry knows it; empty for an image that never was in one. */
  readonly repoDigest: string;
}

interface EngineImage {
  readonly Id: string;
  readonly RepoDigests?: readonly string[] | null;
}

const limitMs = 60 * 60_000;

/** `docker:index/remoteImage:RemoteImage`. */
export const remoteImage: ResourceHandler<RemoteImageInputs, RemoteImageState, Configuration> = {
  replaceOn: ["name", "platform"],
  computed: ["imageId", "repoDigest"],
  unstable: ["imageId", "repoDigest"],
  timeouts: { create: limitMs, update: limitMs },
  check: (inputs) => ({ inputs, failures: checkBuild(inputs.build) }),
  async create(inputs, call) {
    const state = await obtain(inputs, call, (inputs.pullTriggers?.length ?? 0) > 0);
    return { id: idOf(state), state };
  },
  // A changed trigger pulls or builds anew; with `keepLocally` and the like nothing is fetched.
  async update({ state, oldInputs, inputs }, call) {
    const anew = ["pullTriggers", "triggers", "build"].some(
      (name) =>
        JSON.stringify(oldInputs[name as keyof RemoteImageInputs]) !==
        JSON.stringify(inputs[name as keyof RemoteImageInputs]),
    );
    return anew ? obtain(inputs, call, true) : { ...state, ...inputs };
  },
  async read(id, state, inputs, call) {
    // The id is what the SDK documents: the image's id and the name; on an import the name alone.
    const name = state?.name ?? id.replace(/^sha256:[0-9a-f]{64}/, "");
    const found = await inspectImage(name, call);
    if (!found) return undefined;
    const now = { ...state, ...found, name };
    return { id, state: now, inputs: inputs ?? { name } };
  },
  async delete(_id, state, call) {
    if (state["keepLocally"] === true) return;
    const { config, signal, log } = call;
    const force = (state["forceRemove"] as boolean | undefined) ?? false;
    try {
      await ifExists(config.engine.call("DELETE", `/images/${state.name}`, { signal, query: { force } }));
    } catch (error) {
      if (!isConflict(error)) throw error;
      log("info", `image ${state.name} stays, for it is in use: ${(error as Error).message}`);
    }
  },
};

/** The image's id and digest in the engine, or undefined where it has none of that name. */
export async function inspectImage(
  name: string,
  { config: { engine }, signal }: Call<Configuration>,
): Promise<{ imageId: string; repoDigest: string } | undefined> {
  const found = await ifExists(engine.call<EngineImage>("GET", `/images/${name}/json`, { signal }));
  if (!found) return undefined;
  const digests = found.RepoDigests ?? [];
  const { repository } = parseImageReference(name);
  return {
    imageId: found.Id,
    repoDigest: digests.find((d) => d.startsWith(`${repository}@`)) ?? digests[0] ?? "",
  };
}

async function obtain(
  inputs: RemoteImageInputs,
  call: Call<Configuration>,
  anew: boolean,
): Promise<RemoteImageState> {
  const { name, build, platform } = inputs;
  if (build) {
    await buildAs(name, build, call);
  } else if (anew || !(await inspectImage(name, call))) {
    await pullImage(name, platform, call);
  }
  const found = await inspectImage(name, call);
  if (!found)
    throw new Error(`image ${name} is not in the engine although it was ${build ? "built" : "pulled"}.`);
  return { ...inputs, ...found, name };
}

function idOf({ imageId, name }: RemoteImageState): string {
  return `${imageId}${name}`;
}
