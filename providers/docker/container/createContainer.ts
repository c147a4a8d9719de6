import { PassThrough } from "node:stream";
import { type Call, PartialError } from "../../kit/index.js";
import { autoName } from "../autoName.js";
import type { Configuration } from "../configuration.js";
import { EngineError, ifExists, isNotFound } from "../engine/engineError.js";
import { isImageId } from "../engine/imageReference.js";
import { pullImage } from "../image/pullImage.js";
import { urnLabel } from "../plain.js";
import { endpointOf } from "./arguments/network.js";
import { awaitContainer } from "./awaitContainer.js";
import { checkEngine } from "./checkEngine.js";
import { type ContainerState, containerState } from "./containerState.js";
import { createBody } from "./createBody.js";
import { containerLog, lastWords } from "./lastWords.js";
import type { ContainerInputs, CreateBody, Inspect } from "./types.js";
import { uploadArchive } from "./uploads.js";

type CallHere = Call<Configuration>;

/** A container under this name was not finished: whatever carries it and this resource's mark can be removed. */
const unfinished = ".creating";
const cleanupLimitMs = 60_000;

/**
 * Creates, fills, starts and awaits a container. It bears its name only at the end, so that what an interrupted run has
 * left is known for what it is. On a failure it is removed again; where even that fails, it is recorded.
 */
export async function createContainer(
  inputs: ContainerInputs,
  call: CallHere,
): Promise<{ id: string; state: ContainerState }> {
  const api = await call.config.engine.apiMinor(call.signal);
  checkEngine(inputs, api);
  await removeLeftovers(call);
  if (inputs.name !== undefined) await freeName(inputs.name, call);
  const name = inputs.name ?? autoName(call.urn);
  // One that removes itself may be gone before it could be renamed.
  const temporary = inputs.rm ? name : name + unfinished;
  const id = await create(temporary, createBody(inputs, call.urn, api), inputs, call);
  try {
    const { live, log } = await bringUp(id, inputs, call);
    if (temporary === name) return { id, state: containerState(inputs, live, log) };
    await call.config.engine.call("POST", `/containers/${id}/rename`, {
      signal: call.signal,
      query: { name },
    });
    return { id, state: containerState(inputs, { ...live, Name: `/${name}` }, log) };
  } catch (error) {
    await undo(id, inputs, call, error as Error);
    throw error;
  }
}

async function create(
  name: string,
  body: CreateBody,
  inputs: ContainerInputs,
  call: CallHere,
): Promise<string> {
  const { config, signal } = call;
  const attempt = () =>
    config.engine.call<{ Id: string }>("POST", "/containers/create", {
      signal,
      query: { name, platform: inputs.platform },
      body,
    });
  try {
    return (await attempt()).Id;
  } catch (error) {
    if (!isNotFound(error) || isImageId(inputs.image)) throw error;
    await pullImage(inputs.image, inputs.platform, call);
    return (await attempt()).Id;
  }
}

async function bringUp(
  id: string,
  inputs: ContainerInputs,
  call: CallHere,
): Promise<{ live: Inspect; log: string }> {
  const { signal, config } = call;
  const { engine } = config;
  for (const network of inputs.networksAdvanced?.slice(1) ?? []) {
    const body = { Container: id, EndpointConfig: endpointOf(network) };
    await engine.call("POST", `/networks/${encodeURIComponent(network.name)}/connect`, { signal, body });
  }
  if (inputs.uploads?.length) {
    const file = uploadArchive(inputs.uploads).pipe(new PassThrough());
    await engine.call("PUT", `/containers/${id}/archive`, { signal, query: { path: "/" }, file });
  }
  const look = () => engine.call<Inspect>("GET", `/containers/${id}/json`, { signal });
  if (inputs.start === false) return { live: await look(), log: "" };
  await engine.call("POST", `/containers/${id}/start`, { signal });
  if (inputs.attach) return runToEnd(await look(), inputs, call);
  return { live: await awaitContainer(id, inputs, call, true), log: "" };
}

/** `attach`: until the container has ended; an exit code other than 0 is an error where it `mustRun`. */
async function runToEnd(
  live: Inspect,
  inputs: ContainerInputs,
  { config: { engine }, signal, status }: CallHere,
): Promise<{ live: Inspect; log: string }> {
  status(`waiting for container ${live.Id.slice(0, 12)} to end`);
  const { StatusCode } = await engine.call<{ StatusCode: number }>("POST", `/containers/${live.Id}/wait`, {
    signal,
  });
  const ended = await ifExists(engine.call<Inspect>("GET", `/containers/${live.Id}/json`, { signal }));
  const last = ended ?? { ...live, State: { ...live.State, ExitCode: StatusCode } };
  if (StatusCode !== 0 && inputs.mustRun !== false) {
    const words = ended ? await lastWords(engine, ended, signal) : "";
    throw new Error(`container ended with code ${StatusCode}.${words}`);
  }
  return { live: last, log: inputs.logs && ended ? await containerLog(engine, ended, signal) : "" };
}

/** Ends what a failed creation made; in its own time, for the call's may be over. */
async function undo(id: string, inputs: ContainerInputs, call: CallHere, error: Error): Promise<void> {
  const { engine } = call.config;
  const signal = AbortSignal.timeout(cleanupLimitMs);
  const path = `/containers/${id}`;
  try {
    await ifExists(
      engine.call("DELETE", path, { signal, query: { force: true, v: inputs.removeVolumes ?? true } }),
    );
  } catch (failure) {
    const live = await engine.call<Inspect>("GET", `${path}/json`, { signal }).catch(() => undefined);
    const message = `${error.message}\nNor could the container be removed again: ${(failure as Error).message}`;
    if (!live) throw new Error(message, { cause: error });
    throw new PartialError(message, { id, state: containerState(inputs, live) });
  }
}

/** Removes what an earlier, interrupted creation of this same resource has left. */
async function removeLeftovers({ config: { engine }, signal, urn, log }: CallHere): Promise<void> {
  const filters = { label: [`${urnLabel}=${urn}`] };
  const query = { all: true, filters };
  const found = await engine.call<{ Id: string; Names: string[] }[]>("GET", "/containers/json", {
    signal,
    query,
  });
  for (const { Id, Names } of found.filter(({ Names }) => Names.some((name) => name.endsWith(unfinished)))) {
    log("info", `removing container ${Names[0]?.slice(1)}, which an interrupted creation has left`);
    await ifExists(engine.call("DELETE", `/containers/${Id}`, { signal, query: { force: true, v: true } }));
  }
}

/** Whoever has the wanted name and was created for this same resource is not in the state any more; others stay. */
async function freeName(name: string, { config: { engine }, signal, urn, log }: CallHere): Promise<void> {
  const holder = await ifExists(engine.call<Inspect>("GET", `/containers/${name}/json`, { signal }));
  if (!holder || holder.Name !== `/${name}`) return;
  const id = holder.Id.slice(0, 12);
  if (holder.Config.Labels?.[urnLabel] !== urn) {
    throw new EngineError(
      409,
      `the container name "${name}" is taken by container ${id}, which was not created for this resource. ` +
        `Rename or remove it, or adopt it: pulumi import docker:index/container:Container NAME ${id}`,
    );
  }
  log("info", `removing container ${name} (${id}), which an interrupted creation has left`);
  await ifExists(engine.call("DELETE", `/containers/${holder.Id}`, { signal, query: { force: true } }));
}
