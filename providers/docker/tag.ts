import type * as docker from "@pulumi/docker";
import type { Call, ResourceHandler } from "../kit/index.js";
import type { Configuration } from "./configuration.js";
import { ifExists } from "./engine/engineError.js";
import { parseImageReference } from "./engine/imageReference.js";
import type { Plain } from "./plain.js";

export type TagInputs = Plain<docker.TagArgs>;
export type TagState = TagInputs & { readonly sourceImageId: string };

/** `docker:index/tag:Tag`: another name for an image of the engine. A changed source or trigger moves the name. */
export const tag: ResourceHandler<TagInputs, TagState, Configuration> = {
  replaceOn: ["targetImage"],
  computed: ["sourceImageId"],
  unstable: ["sourceImageId"],
  async create(inputs, call) {
    return { id: `${inputs.sourceImage}.${inputs.targetImage}`, state: await give(inputs, call) };
  },
  update: ({ inputs }, call) => give(inputs, call),
  async read(id, state, inputs, call) {
    const given = inputs ?? fromId(id);
    const target = await idOf(given.targetImage, call);
    const source = await idOf(given.sourceImage, call);
    // The name is there, but means another image by now: the same as gone, for only giving it anew repairs that.
    if (target === undefined || (source !== undefined && target !== source)) return undefined;
    return { id, inputs: given, state: { ...state, ...given, sourceImageId: target } };
  },
  async delete(_id, { targetImage, sourceImageId }, call) {
    if ((await idOf(targetImage, call)) !== sourceImageId) return;
    await ifExists(call.config.engine.call("DELETE", `/images/${targetImage}`, { signal: call.signal }));
  },
};

async function give(inputs: TagInputs, call: Call<Configuration>): Promise<TagState> {
  const { repository: repo, tag } = parseImageReference(inputs.targetImage);
  const query = { repo, tag: tag ?? "latest" };
  await call.config.engine.call("POST", `/images/${inputs.sourceImage}/tag`, { signal: call.signal, query });
  return { ...inputs, sourceImageId: (await idOf(inputs.targetImage, call)) ?? "" };
}

async function idOf(
  name: string,
  { config: { engine }, signal }: Call<Configuration>,
): Promise<string | undefined> {
  return (await ifExists(engine.call<{ Id: string }>("GET", `/images/${name}/json`, { signal })))?.Id;
}

/** `source.target`; the names may hold dots themselves, so the target is taken to start after the source's tag. */
function fromId(id: string): TagInputs {
  const match = /^(.+?:[^./]+)\.(.+)$/.exec(id);
  if (!match) throw new Error(`"${id}" is not a tag's id. Expected SOURCE:TAG.TARGET:TAG.`);
  return { sourceImage: match[1] as string, targetImage: match[2] as string };
}
