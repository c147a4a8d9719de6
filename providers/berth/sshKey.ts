import { type ResourceHandler, unknown } from "../kit/index.js";
import { Mistakes } from "./mistakes.js";
import { generateEd25519, keyFingerprint, privateKeyText, publicKeyLine, withComment } from "./openSshKey.js";

export interface SshKeyInputs {
  readonly comment?: string;
}

export interface SshKeyState {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly fingerprint: string;
}

/** An ed25519 key pair, made once and kept in the state; there is nothing outside that could drift. */
export const sshKey: ResourceHandler<SshKeyInputs, SshKeyState, unknown> = {
  secrets: ["privateKey"],
  computed: ["publicKey", "privateKey", "fingerprint"],
  unstable: ["publicKey"],

  check(inputs) {
    const mistakes = new Mistakes();
    const comment: unknown = inputs.comment;
    if (comment !== undefined && comment !== unknown) {
      if (typeof comment !== "string") mistakes.add("comment", "is not a text");
      else if (/\p{Cc}/u.test(comment)) {
        mistakes.add("comment", "holds a line break or another control character; a public key is one line");
      }
    }
    return { inputs, failures: mistakes.failures };
  },

  async create({ comment = "" }) {
    const pair = generateEd25519();
    const fingerprint = keyFingerprint(pair.publicBytes);
    const state = {
      publicKey: publicKeyLine(pair.publicBytes, comment.trim()),
      privateKey: privateKeyText(pair, comment.trim()),
      fingerprint,
    };
    return { id: fingerprint, state };
  },

  async read(id, state, inputs) {
    if (!state) throw new Error(`SSH key ${id}: a key pair lives in the state only and cannot be imported.`);
    return { id, state, inputs: inputs ?? {} };
  },

  async update({ state, inputs }) {
    return { ...state, publicKey: withComment(state.publicKey, (inputs.comment ?? "").trim()) };
  },

  async delete() {},
};
