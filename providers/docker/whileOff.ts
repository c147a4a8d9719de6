import { machineOff } from "../connection/index.js";
import type { Live, ResourceHandler } from "../kit/index.js";

/**
 * A resource on an engine whose machine libvirt knows to be off: a refresh finds it as it was, or as `asFound` says, since it is on
 * the machine's disk; where the machine is gone with its disk, it is gone. An engine that only can't be reached stays an error.
 */
export function whileOff<I extends object, S extends object, C>(
  handler: ResourceHandler<I, S, C>,
  asFound: (was: Live<I, S>) => Live<I, S> = (was) => was,
): ResourceHandler<I, S, C> {
  const { read } = handler;
  if (read === undefined) return handler;
  return {
    ...handler,
    async read(id, state, inputs, call) {
      try {
        return await read.call(handler, id, state, inputs, call);
      } catch (error) {
        const off = machineOff(error);
        if (off === "gone") return undefined;
        if (off === undefined || state === undefined || inputs === undefined) throw error;
        return asFound({ id, state, inputs });
      }
    },
  };
}
