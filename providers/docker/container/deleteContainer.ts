import { type Call, poll } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { ifExists, isConflict } from "../engine/engineError.js";
import type { ContainerState } from "./containerState.js";

/** Stops the container as it wishes to be stopped, then removes it. One that has gone is fine. */
export async function deleteContainer(
  id: string,
  state: ContainerState,
  { config: { engine }, signal, status }: Call<Configuration>,
): Promise<void> {
  // Unset, Docker's own grace: the container's stop timeout, or 10 s.
  const grace = state["destroyGraceSeconds"] as number | undefined;
  status(`stopping container ${state.name}`);
  const path = `/containers/${id}`;
  await ifExists(engine.call("POST", `${path}/stop`, { signal, query: { t: grace } }));
  const query = { force: true, v: (state["removeVolumes"] as boolean | undefined) ?? true };
  try {
    await ifExists(engine.call("DELETE", path, { signal, query }));
  } catch (error) {
    // Somebody else, or the engine itself with `rm`, is removing it.
    if (!isConflict(error)) throw error;
    await poll({
      what: `container ${state.name} to be gone`,
      signal,
      status,
      every: 250,
      until: async () => (await ifExists(engine.call("GET", `${path}/json`, { signal }))) === undefined,
    });
  }
}
