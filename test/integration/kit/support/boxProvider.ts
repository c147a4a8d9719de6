// A plugin for tests: boxes are files in a folder, so that tests can look at them, change them and take them away.
import { mkdirSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  PartialError,
  type ProviderDefinition,
  poll,
  type ResourceHandler,
} from "../../../../providers/kit/index.js";

export interface BoxInputs {
  label: string;
  color?: string;
  password?: string;
  tags?: Record<string, string>;
  /** What the handler does besides its work: `fail`, `partial`, `hang`, `ignore` (hang and take no signal), `bug`. */
  behaviour?: string;
}

export interface BoxState extends BoxInputs {
  serial: string;
  revision: number;
}

export interface BoxConfig {
  folder: string;
  token?: string;
}

const boxes: ResourceHandler<BoxInputs, BoxState, BoxConfig> = {
  replaceOn: ["color"],
  computed: ["serial", "revision"],
  unstable: ["revision"],
  secrets: ["serial"],
  timeouts: { create: 20_000 },

  check(inputs) {
    const failures =
      inputs.label === ""
        ? [{ property: "label", reason: `label must not be empty (${inputs.password})` }]
        : [];
    return { inputs: { color: "brown", ...inputs }, failures };
  },

  async create(inputs, call) {
    const id = `box-${inputs.label}`;
    const state = { ...inputs, serial: `serial-of-${inputs.label}`, revision: 1 };
    call.log("info", `making ${id} with ${inputs.password} and ${call.config.token}`);
    await behave(inputs, call, () => save(call.config, id, state), { id, state });
    await save(call.config, id, state);
    return { id, state };
  },

  async read(id, state, inputs, call) {
    let found: BoxState;
    try {
      found = JSON.parse(await readFile(path(call.config, id), "utf8"));
    } catch {
      return undefined;
    }
    const { serial: _, revision: __, ...asInputs } = found;
    return { id, state: { ...state, ...found }, inputs: { ...inputs, ...asInputs } };
  },

  async update({ id, state, inputs }, call) {
    const updated = { ...inputs, serial: state.serial, revision: state.revision + 1 };
    await behave(inputs, call, async () => {}, { id, state: updated });
    await save(call.config, id, updated);
    return updated;
  },

  async delete(id, _, call) {
    await rm(path(call.config, id), { force: true });
  },
};

/** Cannot be changed in place. */
const stones: ResourceHandler<
  { weight: number; mark?: string },
  { weight: number; mark?: string },
  BoxConfig
> = {
  deleteBeforeReplace: true,
  async create(inputs) {
    return { id: `stone-${inputs.weight}`, state: inputs };
  },
  async delete() {},
};

export const boxProvider: ProviderDefinition<BoxConfig> = {
  name: "box",
  version: "1.2.3",
  replaceOnConfig: ["folder"],
  checkConfig(inputs) {
    const failures = inputs["folder"] ? [] : [{ property: "folder", reason: "folder is required" }];
    return { inputs, failures };
  },
  configure(config) {
    const folder = String(config["folder"]);
    mkdirSync(folder, { recursive: true });
    return { folder, ...(config["token"] === undefined ? {} : { token: String(config["token"]) }) };
  },
  resources: { "box:index:Box": boxes, "box:index:Stone": stones },
  functions: {
    async "box:index:describe"(args, call) {
      call.log("info", `describing ${args["password"]}`);
      return { text: `a box for ${args["label"]}`, preview: call.preview };
    },
    /** Answers, and then fails where nobody waits for it. */
    async "box:index:explode"(args) {
      setImmediate(() => {
        throw new Error(`boom ${args["password"]}`);
      });
      return {};
    },
  },
};

type Behaving = Parameters<typeof boxes.create>[1];

async function behave(
  inputs: BoxInputs,
  call: Behaving,
  make: () => Promise<void>,
  partial: { id: string; state: BoxState },
): Promise<void> {
  switch (inputs.behaviour) {
    case "fail":
      throw new Error(`no room for a box with password ${inputs.password}`);
    case "partial":
      await make();
      throw new PartialError(`the lid of ${partial.id} does not close on ${inputs.password}`, partial);
    case "hang":
      await poll({
        what: `somebody with ${inputs.password}`,
        signal: call.signal,
        status: call.status,
        every: 10,
        until: () => false,
      });
      break;
    case "ignore":
      call.status("a lock");
      await new Promise(() => {});
      break;
    case "bug":
      (undefined as unknown as string).trim();
  }
}

function path(config: BoxConfig, id: string): string {
  return join(config.folder, `${id}.json`);
}

async function save(config: BoxConfig, id: string, state: BoxState): Promise<void> {
  await writeFile(path(config, id), JSON.stringify(state));
}
