import type { Call, UpdateRequest } from "../../kit/index.js";
import { autoName } from "../autoName.js";
import type { Configuration } from "../configuration.js";
import { isNotFound } from "../engine/engineError.js";
import { awaitContainer } from "./awaitContainer.js";
import { type ContainerState, containerState, nameOf } from "./containerState.js";
import { updateBody } from "./createBody.js";
import { runs, shouldRun } from "./readContainer.js";
import type { ContainerInputs, Inspect } from "./types.js";

/** What can be changed without a new container: limits, restart policy, name, and a stopped one is started. */
export async function updateContainer(
  { id, state, oldInputs, inputs }: UpdateRequest<ContainerInputs, ContainerState>,
  call: Call<Configuration>,
): Promise<ContainerState> {
  const { engine } = call.config;
  const { signal } = call;
  const look = () => engine.call<Inspect>("GET", `/containers/${id}/json`, { signal });
  const before = await look().catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    throw new Error(
      `container "${state.name}" (${id.slice(0, 12)}) is gone. Run "pulumi up --refresh" to create it anew.`,
    );
  });
  const name = inputs.name ?? ownName(state, oldInputs, call.urn);
  if (name !== nameOf(before)) {
    await engine.call("POST", `/containers/${id}/rename`, { signal, query: { name } });
  }
  const body = updateBody(inputs);
  if (Object.keys(body).length > 0) await engine.call("POST", `/containers/${id}/update`, { signal, body });
  if (!shouldRun(inputs)) return containerState(inputs, await look(), logs(state));
  if (runs(before)) return containerState(inputs, await look(), logs(state));
  call.status(`starting container ${name}`);
  await engine.call("POST", `/containers/${id}/start`, { signal });
  return containerState(inputs, await awaitContainer(id, inputs, call), logs(state));
}

/** For a program that names none: the one made at creation, or a new one where the program has just taken its own back. */
function ownName(state: ContainerState, oldInputs: ContainerInputs, urn: string): string {
  const renamedByOthers = state.declared !== undefined && "name" in state.declared;
  const made = oldInputs.name === undefined || renamedByOthers;
  return made ? (state.observed["name"] as string) : autoName(urn);
}

function logs(state: ContainerState): string {
  return (state["containerLogs"] as string | undefined) ?? "";
}
