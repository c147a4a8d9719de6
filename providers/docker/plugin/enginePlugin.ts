import type { Call } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { ifExists } from "../engine/engineError.js";

/** What "inspect a plugin" answers. */
export interface EnginePlugin {
  readonly Id: string;
  /** The local name, with its tag. */
  readonly Name: string;
  readonly Enabled: boolean;
  readonly PluginReference?: string;
  readonly Settings: { readonly Env?: readonly string[] | null };
  readonly Config: {
    readonly Env?: readonly { readonly Name: string; readonly Value?: string | null }[] | null;
  };
}

export function inspectPlugin(
  nameOrId: string,
  { config: { engine }, signal }: Call<Configuration>,
): Promise<EnginePlugin | undefined> {
  return ifExists(engine.call<EnginePlugin>("GET", `/plugins/${nameOrId}/json`, { signal }));
}

/** In the words of the SDK. */
export function pluginOutputs(live: EnginePlugin) {
  return {
    alias: live.Name,
    enabled: live.Enabled,
    envs: [...(live.Settings.Env ?? [])],
    name: live.Name,
    pluginReference: live.PluginReference ?? "",
  };
}

/** `owner/plugin`, `docker.io/owner/plugin` and `owner/plugin:latest` are the same. */
export function fullReference(name: string): string {
  const [first = "", ...rest] = name.split("/");
  const hasServer = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const path = hasServer ? name : `docker.io/${rest.length === 0 ? "library/" : ""}${name}`;
  return path.slice(path.lastIndexOf("/")).includes(":") ? path : `${path}:latest`;
}
