import type * as docker from "@pulumi/docker";
import {
  type Call,
  type CheckFailure,
  inputChanges,
  isUnknown,
  type ResourceHandler,
} from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { buildAs } from "../image/buildAs.js";
import { pushImage } from "../image/pushImage.js";
import { checkBuild } from "../image/remoteImageBuild.js";
import type { Plain } from "../plain.js";
import { type Credentials, serverOf } from "../registryAuth.js";
import { deleteManifest, listTags, manifestDigest, type RegistryPlace, registryPlace } from "./manifests.js";

export type RegistryImageInputs = Plain<docker.RegistryImageArgs>;

export interface RegistryImageState extends Record<string, unknown> {
  readonly name: string;
  readonly sha256Digest: string;
  readonly keepRemotely?: boolean | undefined;
}

const limitMs = 60 * 60_000;
/** More are not asked about one by one before something is deleted. */
const manyTags = 200;

/** `docker:index/registryImage:RegistryImage`: an image of the engine, pushed. */
export const registryImage: ResourceHandler<RegistryImageInputs, RegistryImageState, Configuration> = {
  computed: ["name", "sha256Digest"],
  unstable: ["sha256Digest"],
  timeouts: { create: limitMs, update: limitMs },
  check: (inputs) => ({ inputs, failures: checkRegistryImage(inputs) }),
  // Pushed anew in place: a replacement would delete the old digest, which is the new one where nothing has changed.
  diff: ({ oldInputs, inputs }) => ({
    changes: inputChanges({ keepRemotely: false, ...oldInputs }, { keepRemotely: false, ...inputs }, [
      "name",
    ]),
  }),
  async create(inputs, call) {
    const state = await push(inputs, call);
    return { id: state.sha256Digest, state };
  },
  async update({ state, oldInputs, inputs }, call) {
    const anew = inputChanges(oldInputs, inputs, []).some(({ path }) => /^(triggers|build)\b/.test(path));
    return anew ? push(inputs, call) : { ...inputs, name: state.name, sha256Digest: state.sha256Digest };
  },
  async read(id, state, inputs, call) {
    // On an import the id is the image's name, for that is all there is to go by.
    const name = state?.name ?? id;
    const digest = await manifestDigest(placeOf(name, inputs ?? {}, call), call.signal);
    // The tag means another image by now: the same as gone, for only pushing anew repairs that.
    if (digest === undefined || (state && digest !== state.sha256Digest)) return undefined;
    const now = inputs ?? { name };
    return { id: digest, inputs: now, state: { ...now, name, sha256Digest: digest } };
  },
  async delete(_id, state, call) {
    if (state.keepRemotely) return;
    const place = placeOf(state.name, state as RegistryImageInputs, call);
    const { signal } = call;
    const { sha256Digest } = state;
    // Another program may have pushed something else under the name.
    if ((await manifestDigest(place, signal)) !== sha256Digest) return;
    const others = await otherTags(place, sha256Digest, signal);
    if (others !== "none") {
      call.log(
        "info",
        `${state.name} stays in the registry: ${others}, and registries delete an image with all its tags`,
      );
      return;
    }
    if (await deleteManifest({ ...place, reference: sha256Digest }, signal)) return;
    throw new Error(
      `registry ${place.registry.server} does not allow deleting: set "keepRemotely: true" on ${state.name}, or allow it there.`,
    );
  },
};

function placeOf(
  name: string,
  { authConfig, insecureSkipVerify }: RegistryImageInputs,
  call: Call<Configuration>,
): RegistryPlace {
  return registryPlace(name, call, {
    credentials: authConfig && credentialsOf(authConfig),
    insecureSkipVerify,
  });
}

function credentialsOf({
  address,
  username,
  password,
}: NonNullable<RegistryImageInputs["authConfig"]>): Credentials {
  return {
    serveraddress: serverOf(address),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

async function push(inputs: RegistryImageInputs, call: Call<Configuration>): Promise<RegistryImageState> {
  const { build, authConfig } = inputs;
  const name = inputs.name as string;
  if (build) await buildAs(name, build, call);
  const { registry } = registryPlace(name, call);
  const credentials = authConfig ? credentialsOf(authConfig) : registry.credentials;
  return { ...inputs, name, sha256Digest: await pushImage(name, credentials, call) };
}

/** Why the manifest must stay: other tags that mean it too. "none" where there are none. */
async function otherTags(place: RegistryPlace, digest: string, signal: AbortSignal): Promise<string> {
  const tags = (await listTags(place, signal)).filter((tag) => tag !== place.reference);
  if (tags.length > manyTags)
    return `its repository has ${tags.length} other tags, which may mean the same image`;
  for (const tag of tags) {
    if ((await manifestDigest({ ...place, reference: tag }, signal)) === digest)
      return `the tag "${tag}" means it too`;
  }
  return "none";
}

function checkRegistryImage({ name, build }: RegistryImageInputs): CheckFailure[] {
  const failures = checkBuild(build);
  if (name === undefined || name === "") {
    failures.push({
      property: "name",
      reason: "the image's name in the registry must be given, such as r.example.com/web:1",
    });
  } else if (!isUnknown(name) && name.includes("@")) {
    failures.push({
      property: "name",
      reason: `"${name}" has a digest, which only the push decides; use a tag`,
    });
  }
  return failures;
}
