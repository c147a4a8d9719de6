import type { ResourceHandler } from "../kit/index.js";
import { Mistakes } from "./mistakes.js";

interface ReleaseHistoryInputs {
  readonly image: string;
}

interface ReleaseHistoryState {
  /** The newest first. */
  readonly releases: readonly { readonly image: string; readonly since: string }[];
}

/** A state of a few kilobytes. */
const most = 50;

/** What a service has run; see the SDK's ReleaseHistory. It is in the stack's state alone. */
export const releaseHistory: ResourceHandler<ReleaseHistoryInputs, ReleaseHistoryState, unknown> = {
  computed: ["releases"],
  unstable: ["releases"],

  check(inputs) {
    const mistakes = new Mistakes();
    mistakes.text("image", inputs.image, "the image's reference");
    return { inputs, failures: mistakes.failures };
  },

  async create({ image }, call) {
    return { id: call.urn.slice(call.urn.lastIndexOf("::") + 2), state: { releases: [release(image)] } };
  },

  async read(id, state, inputs) {
    if (!state || !inputs) throw new Error(`releases ${id}: they can't be imported. Declare them instead.`);
    return { id, state, inputs };
  },

  async update({ state: { releases }, inputs: { image } }) {
    return { releases: [release(image), ...releases].slice(0, most) };
  },

  async delete() {},
};

function release(image: string) {
  return { image, since: new Date().toISOString() };
}
