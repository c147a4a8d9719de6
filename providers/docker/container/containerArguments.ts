import { conductArguments } from "./arguments/conduct.js";
import { isolationArguments } from "./arguments/isolation.js";
import { limitArguments } from "./arguments/limits.js";
import { networkArguments } from "./arguments/network.js";
import { processArguments } from "./arguments/process.js";
import { storageArguments } from "./arguments/storage.js";
import type { Argument, ArgumentTable, ContainerInputs } from "./types.js";

/**
 * Every argument of the SDK's `docker.Container`: where it goes in the Engine API, what changing it does, and how it is
 * read back. The type makes a new SDK version's new argument a compile error here.
 */
export const containerArguments: ArgumentTable<keyof ContainerInputs> = {
  ...conductArguments,
  ...isolationArguments,
  ...limitArguments,
  ...networkArguments,
  ...processArguments,
  ...storageArguments,
};

/** The same as a list, for what treats all alike. */
export const argumentEntries = Object.entries(containerArguments) as [keyof ContainerInputs, Argument<any>][];
