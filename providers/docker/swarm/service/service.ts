import {
  type Call,
  PartialError,
  poll,
  type ResourceHandler,
  type UpdateRequest,
} from "../../../kit/index.js";
import { autoName } from "../../autoName.js";
import type { Configuration } from "../../configuration.js";
import { createNamed, replacesUnfinished } from "../../createNamed.js";
import { EngineError, ifExists, isNotFound } from "../../engine/engineError.js";
import { parseImageReference } from "../../engine/imageReference.js";
import { urnLabel } from "../../plain.js";
import { authHeader } from "../../registryAuth.js";
import { checkService } from "./checkService.js";
import { awaitService } from "./convergence.js";
import { diffService } from "./diffService.js";
import { drifted, type ServiceState, serviceState } from "./serviceState.js";
import { describedBy, serviceSpec } from "./spec.js";
import type { EngineService, ServiceInputs } from "./types.js";

type CallHere = Call<Configuration>;

/** Another change may come between looking and updating. */
const updateTries = 5;

/** `docker:index/service:Service`, on a Docker Swarm. */
export const service: ResourceHandler<ServiceInputs, ServiceState, Configuration> = {
  computed: ["name", "endpointSpec", "labels", "mode", "observed"],
  unstable: ["observed"],
  secrets: ["observed", "declared"],
  check: (inputs) => ({ inputs, failures: checkService(inputs) }),
  diff: ({ state, oldInputs, inputs }) => replacesUnfinished(state) ?? diffService(oldInputs, inputs),
  async create(inputs, call) {
    const { engine } = call.config;
    const name = inputs.name ?? autoName(call.urn);
    await freeName(name, call);
    const body = await serviceSpec(name, inputs, call);
    const make = async () => {
      const request = { signal: call.signal, headers: authorization(inputs, call), body };
      const { ID } = await engine.call<{ ID: string }>("POST", "/services/create", request);
      await awaitService(ID, { ...inputs, name }, call);
      return inspect(ID, call);
    };
    const remove = (own: CallHere) => freeName(name, own);
    const live = await createNamed({ what: "service", name, inputs, make, remove }, call);
    return { id: live.ID, state: serviceState(inputs, live) };
  },
  async read(id, state, inputs, call) {
    const live = await ifExists(inspect(id, call));
    if (!live) return undefined;
    if (state && inputs) return drifted(live, state, inputs);
    const imported = (await withNetworkNames(describedBy(live), call)) as ServiceInputs;
    return { id: live.ID, inputs: imported, state: serviceState(imported, live) };
  },
  async update({ id, state, inputs }, call) {
    await change({ id, state, inputs }, call);
    const name = state.name;
    try {
      await awaitService(id, { ...inputs, name }, call);
    } catch (error) {
      if (call.signal.aborted) throw error;
      // Swarm has taken the change: it is recorded, and the next update tries again.
      const live = await inspect(id, call);
      throw new PartialError((error as Error).message, { id, state: serviceState(inputs, live) });
    }
    return serviceState(inputs, await inspect(id, call));
  },
  delete: (id, state, call) => remove(id, state.name, call),
};

function inspect(id: string, { config: { engine }, signal }: CallHere): Promise<EngineService> {
  return engine.call<EngineService>("GET", `/services/${encodeURIComponent(id)}`, { signal });
}

async function change(
  { id, state, inputs }: Pick<UpdateRequest<ServiceInputs, ServiceState>, "id" | "state" | "inputs">,
  call: CallHere,
): Promise<void> {
  const body = await serviceSpec(state.name, inputs, call);
  for (let tries = 1; ; tries++) {
    const { Version } = await inspect(id, call).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
      throw new Error(`service "${state.name}" is gone. Run "pulumi up --refresh" to create it anew.`);
    });
    try {
      await call.config.engine.call("POST", `/services/${id}/update`, {
        signal: call.signal,
        query: { version: Version.Index },
        headers: authorization(inputs, call),
        body,
      });
      return;
    } catch (error) {
      if (tries === updateTries || !(error as Error).message.includes("out of sequence")) throw error;
    }
  }
}

/** What the machines of the swarm pull the image with. */
function authorization({ auth, taskSpec }: ServiceInputs, { config }: CallHere): Record<string, string> {
  const { server } = parseImageReference(taskSpec.containerSpec.image);
  if (!auth) {
    const found = config.credentials(server);
    return found ? authHeader(found) : {};
  }
  const { username, password, serverAddress: serveraddress } = auth;
  return authHeader({
    serveraddress,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  });
}

/** Removes it, and waits until its containers on this machine have ended: what they use can be removed then. */
async function remove(
  id: string,
  name: string,
  { config: { engine }, signal, status }: CallHere,
): Promise<void> {
  await ifExists(engine.call("DELETE", `/services/${encodeURIComponent(id)}`, { signal }));
  const query = { all: true, filters: { label: [`com.docker.swarm.service.id=${id}`] } };
  await poll({
    what: `the containers of service ${name} to end`,
    signal,
    status,
    every: 250,
    until: async () =>
      (await engine.call<unknown[]>("GET", "/containers/json", { signal, query })).length === 0,
  });
}

/** The engine keeps ids; a program names networks rather by their names. */
async function withNetworkNames<T extends Partial<ServiceInputs>>(inputs: T, call: CallHere): Promise<T> {
  const { taskSpec } = inputs;
  const attachments = taskSpec?.networksAdvanceds;
  if (!taskSpec || !attachments) return inputs;
  const { config, signal } = call;
  const named = attachments.map(async (attachment) => {
    const path = `/networks/${encodeURIComponent(attachment.name ?? "")}`;
    const network = await ifExists(config.engine.call<{ Name: string }>("GET", path, { signal }));
    return { ...attachment, ...(network && { name: network.Name }) };
  });
  return { ...inputs, taskSpec: { ...taskSpec, networksAdvanceds: await Promise.all(named) } };
}

/** What an interrupted creation of this same resource has left is removed; a service of somebody else's stays. */
async function freeName(name: string, call: CallHere): Promise<void> {
  const holder = await ifExists(inspect(name, call));
  if (!holder || holder.Spec.Name !== name) return;
  if (holder.Spec.Labels?.[urnLabel] !== call.urn) {
    throw new EngineError(
      409,
      `the service name "${name}" is taken by service ${holder.ID}, which was not created for this resource. ` +
        `Remove it, or adopt it: pulumi import docker:index/service:Service NAME ${holder.ID}`,
    );
  }
  call.log("info", `removing service ${name}, which an interrupted creation has left`);
  await remove(holder.ID, name, call);
}
