import type * as docker from "@pulumi/docker";
import {
  type Call,
  type CheckFailure,
  type DiffResult,
  differences,
  formatPath,
  hasUnknown,
  type ResourceHandler,
} from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { createNamed, replacesUnfinished } from "../createNamed.js";
import { EngineError, ifExists } from "../engine/engineError.js";
import { parseImageReference } from "../engine/imageReference.js";
import { splitPair } from "../fields.js";
import { followTransfer } from "../image/followTransfer.js";
import type { Plain } from "../plain.js";
import { authHeader } from "../registryAuth.js";
import { type EnginePlugin, fullReference, inspectPlugin, pluginOutputs } from "./enginePlugin.js";
import { type Privilege, ungranted } from "./permissions.js";

export type PluginInputs = Plain<docker.PluginArgs>;
export type PluginState = Record<string, unknown> & { readonly alias: string; readonly enabled: boolean };
type CallHere = Call<Configuration>;

/** `docker:index/plugin:Plugin`: a plugin of the engine's own kind, installed from a registry. */
export const plugin: ResourceHandler<PluginInputs, PluginState, Configuration> = {
  computed: ["alias", "envs", "name", "pluginReference", "enabled"],
  unstable: ["envs"],
  check: (inputs) => ({ inputs, failures: checkPlugin(inputs) }),
  diff: ({ state, oldInputs, inputs }) => replacesUnfinished(state) ?? diffPlugin(oldInputs, inputs),
  async create(inputs, call) {
    const local = localName(inputs);
    const wanted = await permitted(local, inputs, call);
    const make = async () => {
      await install(local, inputs, wanted, call);
      await settle(local, inputs, [], call);
      return present(local, call);
    };
    const remove = ({ signal }: CallHere) =>
      ifExists(call.config.engine.call("DELETE", `/plugins/${local}`, { signal, query: { force: true } }));
    const live = await createNamed({ what: "plugin", name: local, inputs, make, remove }, call);
    return { id: live.Id, state: stateOf(inputs, live) };
  },
  async read(id, state, inputs, call) {
    const live = await inspectPlugin(id, call);
    if (!live) return undefined;
    const now = state && inputs ? drifted(inputs, live) : importedInputs(live);
    return { id: live.Id, inputs: now, state: stateOf(now, live) };
  },
  async update({ id, oldInputs, inputs }, call) {
    await settle(id, inputs, oldInputs.envs ?? [], call);
    return stateOf(inputs, await present(id, call));
  },
  async delete(id, state, call) {
    const { engine } = call.config;
    const { signal } = call;
    const live = await inspectPlugin(id, call);
    if (!live) return;
    if (live.Enabled) await disable(live, state["forceDisable"] as boolean | undefined, call);
    const query = { force: (state["forceDestroy"] as boolean | undefined) ?? false };
    await ifExists(engine.call("DELETE", `/plugins/${live.Id}`, { signal, query }));
  },
};

function checkPlugin({ name, envs, enableTimeout }: PluginInputs): CheckFailure[] {
  const failures: CheckFailure[] = [];
  if (name === undefined || name === "") {
    failures.push({
      property: "name",
      reason: "the plugin's name in its registry must be given, such as owner/plugin:1",
    });
  }
  for (const [i, env] of (Array.isArray(envs) ? envs : []).entries()) {
    if (!hasUnknown(env) && !env.includes("="))
      failures.push({ property: `envs[${i}]`, reason: "expected NAME=value" });
  }
  if (typeof enableTimeout === "number" && enableTimeout < 0) {
    failures.push({ property: "enableTimeout", reason: `${enableTimeout} s is less than nothing` });
  }
  return failures;
}

/** Permissions are granted when it is installed: others need another installation. */
function diffPlugin(before: PluginInputs, after: PluginInputs): DiffResult {
  const [old, now] = [before, after].map((inputs) => ({
    enabled: true,
    forceDestroy: false,
    forceDisable: false,
    grantAllPermissions: false,
    ...inputs,
    ...(typeof inputs.name === "string" && { name: fullReference(inputs.name) }),
    ...(typeof inputs.alias === "string" && { alias: tagged(inputs.alias) }),
    ...(Array.isArray(inputs.envs) && {
      envs: hasUnknown(inputs.envs) ? inputs.envs : [...inputs.envs].sort(),
    }),
  }));
  const replaceOn = ["name", "alias", "grantAllPermissions", "grantPermissions"];
  const changes = differences(old, now).map(({ path, kind }) => ({
    path: formatPath(path),
    kind: replaceOn.includes(String(path[0])) ? (`${kind}-replace` as const) : kind,
    inputDiff: true,
  }));
  return { changes, deleteBeforeReplace: localName(before) === localName(after) };
}

function localName({ alias, name = "" }: PluginInputs): string {
  return tagged(alias ?? name);
}

function tagged(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).includes(":") ? name : `${name}:latest`;
}

/** What it asks for, if all of that is granted and its name is free. */
async function permitted(local: string, inputs: PluginInputs, call: CallHere): Promise<Privilege[]> {
  const { config, signal } = call;
  const remote = inputs.name as string;
  const taken = await inspectPlugin(local, call);
  if (taken) {
    throw new EngineError(
      409,
      `the engine has a plugin "${taken.Name}" already. Remove it, or adopt it: ` +
        `pulumi import docker:index/plugin:Plugin NAME ${taken.Id.slice(0, 12)}`,
    );
  }
  const headers = authorization(remote, call);
  const wanted = await config.engine.call<Privilege[] | null>("GET", "/plugins/privileges", {
    signal,
    headers,
    query: { remote },
  });
  const missing = inputs.grantAllPermissions ? [] : ungranted(wanted ?? [], inputs.grantPermissions ?? []);
  if (missing.length > 0) {
    throw new Error(
      `plugin ${remote} asks for permissions that are not granted: ${missing.join("; ")}. ` +
        'Grant them with "grantPermissions", or all it asks for with "grantAllPermissions".',
    );
  }
  return wanted ?? [];
}

/** Pulls it. It is not running yet. */
async function install(
  local: string,
  inputs: PluginInputs,
  wanted: readonly Privilege[],
  call: CallHere,
): Promise<void> {
  const { config, signal, status } = call;
  const remote = inputs.name as string;
  status(`installing plugin ${remote}`);
  const answer = await config.engine.stream("POST", "/plugins/pull", {
    signal,
    headers: authorization(remote, call),
    query: { remote, name: local },
    body: wanted,
  });
  await followTransfer(answer, `installing plugin ${remote}`, status);
}

function authorization(remote: string, { config }: CallHere): Record<string, string> {
  return authHeader(config.credentials(parseImageReference(remote).server));
}

/** Brings settings and state to what the inputs say; settings can be changed while it is disabled only. */
async function settle(
  id: string,
  inputs: PluginInputs,
  before: readonly string[],
  call: CallHere,
): Promise<void> {
  const { config, signal } = call;
  const { engine } = config;
  const live = await present(id, call);
  const body = wantedSettings(live, inputs.envs ?? [], before);
  const enabled = inputs.enabled ?? true;
  let running = live.Enabled;
  if (running && (body.length > 0 || !enabled)) {
    await disable(live, inputs.forceDisable, call);
    running = false;
  }
  if (body.length > 0) await engine.call("POST", `/plugins/${live.Id}/set`, { signal, body });
  if (enabled && !running) {
    const query = { timeout: inputs.enableTimeout ?? 0 };
    await engine.call("POST", `/plugins/${live.Id}/enable`, { signal, query });
  }
}

/** What must be set: what is given and different, and, for what is no longer given, the plugin's own value. */
function wantedSettings(live: EnginePlugin, envs: readonly string[], before: readonly string[]): string[] {
  const names = envs.map((env) => splitPair(env)[0]);
  const dropped = before.map((env) => splitPair(env)[0]).filter((name) => !names.includes(name));
  const own = new Map((live.Config.Env ?? []).map(({ Name, Value }) => [Name, Value ?? ""]));
  const wanted = [...envs, ...dropped.map((name) => `${name}=${own.get(name) ?? ""}`)];
  return wanted.filter((env) => !live.Settings.Env?.includes(env));
}

async function disable(
  { Id, Name }: EnginePlugin,
  force: boolean | undefined,
  { config: { engine }, signal }: CallHere,
): Promise<void> {
  try {
    await engine.call("POST", `/plugins/${Id}/disable`, { signal, query: { force: force ?? false } });
  } catch (error) {
    if (!(error instanceof EngineError) || force) throw error;
    throw new Error(
      `plugin ${Name} can't be disabled: ${error.message}. Remove what uses it first, or set "forceDisable".`,
      { cause: error },
    );
  }
}

async function present(id: string, call: CallHere): Promise<EnginePlugin> {
  const live = await inspectPlugin(id, call);
  if (live) return live;
  throw new Error(`plugin ${id} is gone. Run "pulumi up --refresh" to install it anew.`);
}

/** The inputs with what others have changed: on or off, and the settings that the inputs name. */
function drifted(inputs: PluginInputs, live: EnginePlugin): PluginInputs {
  const settings = new Map((live.Settings.Env ?? []).map(splitPair));
  const envs = inputs.envs?.map((env) => {
    const [name] = splitPair(env);
    return settings.has(name) ? `${name}=${settings.get(name)}` : env;
  });
  const same = (inputs.enabled ?? true) === live.Enabled;
  return { ...inputs, ...(envs && { envs }), ...(!same && { enabled: live.Enabled }) };
}

function importedInputs(live: EnginePlugin): PluginInputs {
  const own = new Map((live.Config.Env ?? []).map(({ Name, Value }) => [Name, Value ?? ""]));
  const envs = (live.Settings.Env ?? []).filter((env) => own.get(splitPair(env)[0]) !== splitPair(env)[1]);
  const name = live.PluginReference ?? live.Name;
  const renamed = fullReference(live.Name) !== fullReference(name);
  return {
    name,
    ...(renamed && { alias: live.Name }),
    ...(!live.Enabled && { enabled: false }),
    ...(envs.length > 0 && { envs }),
  };
}

function stateOf(inputs: PluginInputs, live: EnginePlugin): PluginState {
  const { name: _, ...outputs } = pluginOutputs(live);
  return { ...inputs, ...outputs, name: inputs.name ?? live.Name };
}
