import { type Call, type DiffResult, PartialError } from "../kit/index.js";

/** A creation under a name that nobody else had. */
interface Creation<T> {
  /** For messages: network, volume, … */
  readonly what: string;
  readonly name: string;
  /** Kept where the end is not known. */
  readonly inputs: object;
  readonly make: () => Promise<T>;
  /** Removes what has the name, if it was made for this resource. In its own time, for the call's may be over. */
  readonly remove: (call: Call<any>) => Promise<unknown>;
}

const cleanupLimitMs = 60_000;

/**
 * Leaves nothing behind that nobody knows of, wherever the creation breaks off: what was made is removed, and where the
 * engine can't be asked any more it is recorded as unfinished, to be replaced by the next update.
 */
export async function createNamed<T>(
  { what, name, inputs, make, remove }: Creation<T>,
  call: Call<any>,
): Promise<T> {
  try {
    return await make();
  } catch (error) {
    try {
      await remove({ ...call, signal: AbortSignal.timeout(cleanupLimitMs) });
    } catch (failure) {
      const left = `Whether ${what} "${name}" was made is not known, nor could it be removed: ${(failure as Error).message}`;
      const state = { ...inputs, name, unfinished: true };
      throw new PartialError(`${(error as Error).message}\n${left}`, { id: name, state });
    }
    throw error;
  }
}

/** The diff of what {@link createNamed} has left unfinished: whatever is there, if anything, is replaced. */
export function replacesUnfinished(state: object): DiffResult | undefined {
  if (!("unfinished" in state)) return undefined;
  return {
    changes: [{ path: "unfinished", kind: "delete-replace", inputDiff: false }],
    deleteBeforeReplace: true,
  };
}
