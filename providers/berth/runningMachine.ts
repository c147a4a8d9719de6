import type { ResourceHandler } from "../kit/index.js";

interface RunningMachineInputs {
  readonly domain: string;
}

/** That a machine is meant to run; see the SDK's RunningMachine. Its existence is all that there is to it. */
export const runningMachine: ResourceHandler<RunningMachineInputs, RunningMachineInputs, unknown> = {
  replaceOn: ["domain"],
  deleteBeforeReplace: true,

  async create({ domain }) {
    return { id: domain, state: { domain } };
  },

  async delete() {},
};
