import type { ResourceHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { checkContainer } from "./checkContainer.js";
import { type ContainerState, computedOutputs, unstableOutputs } from "./containerState.js";
import { createContainer } from "./createContainer.js";
import { deleteContainer } from "./deleteContainer.js";
import { diffContainer } from "./diffContainer.js";
import { readContainer } from "./readContainer.js";
import type { ContainerInputs } from "./types.js";
import { updateContainer } from "./updateContainer.js";

/** `docker:index/container:Container`. */
export const container: ResourceHandler<ContainerInputs, ContainerState, Configuration> = {
  computed: computedOutputs,
  unstable: unstableOutputs,
  check: (inputs) => ({ inputs, failures: checkContainer(inputs) }),
  diff: ({ oldInputs, inputs }) => diffContainer(oldInputs, inputs),
  create: createContainer,
  read: readContainer,
  update: updateContainer,
  delete: deleteContainer,
};
