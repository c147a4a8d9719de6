import type * as docker from "@pulumi/docker";
import type { ResourceHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import type { Plain } from "../plain.js";
import {
  checkBase64,
  createFile,
  deleteFile,
  diffFile,
  liveLabels,
  readFile,
  relabelFile,
  standardBase64,
} from "./swarmFile.js";

export type SecretInputs = Plain<docker.SecretArgs>;
export type SecretState = SecretInputs & { readonly name: string };

/** `docker:index/secret:Secret`. Swarm never tells its content again: that can neither drift nor be imported. */
export const secret: ResourceHandler<SecretInputs, SecretState, Configuration> = {
  computed: ["name"],
  secrets: ["data"],
  check: (inputs) => ({ inputs, failures: checkBase64("data", inputs.data) }),
  diff: (request) => diffFile(request, ["data"], ({ data }) => standardBase64(data)),
  async create(inputs, call) {
    const { ID, Spec } = await createFile("secret", inputs, standardBase64(inputs.data), call);
    return { id: ID, state: { ...inputs, name: Spec.Name } };
  },
  async read(id, state, inputs, call) {
    const live = await readFile("secret", id, call);
    if (!live) return undefined;
    if (!state || !inputs) {
      throw new Error(
        `secret ${id} can't be imported: Swarm does not tell what is in it. Create one beside it, change the services over, ` +
          "and remove the old one.",
      );
    }
    const { labels: _, ...rest } = inputs;
    const now = { ...rest, ...liveLabels(live, inputs) };
    return { id: live.ID, inputs: now, state: { ...now, name: live.Spec.Name } };
  },
  async update({ id, state, inputs }, call) {
    await relabelFile("secret", id, inputs.labels, call);
    return { ...inputs, name: state.name };
  },
  delete: (id, { name }, call) => deleteFile("secret", id, name, call),
};
