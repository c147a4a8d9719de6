import { SshError } from "./types.js";

/**
 * What libvirt has said of a machine that could not be reached, from the error that tells so: it is off, or gone for good.
 * `undefined`: nothing is known, and what is in the machine is neither gone nor as it was.
 */
export function machineOff(error: unknown): "off" | "gone" | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SshError && (cause.kind === "off" || cause.kind === "gone")) return cause.kind;
  }
  return undefined;
}
