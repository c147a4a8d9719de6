import type { FunctionHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { inspectPlugin, pluginOutputs } from "../plugin/enginePlugin.js";

/** `docker:index/getPlugin:getPlugin`: a plugin that the engine has, by its id or its local name. */
export const getPlugin: FunctionHandler<Configuration> = async (args, call) => {
  const { alias, id } = args as { alias?: string; id?: string };
  const wanted = id ?? alias;
  if (wanted === undefined || (id !== undefined && alias !== undefined)) {
    throw new Error("getPlugin: exactly one of id and alias must be given.");
  }
  const live = await inspectPlugin(wanted, call);
  if (!live) throw new Error(`the engine has no plugin "${wanted}".`);
  // Nobody is asked for permissions that were not granted when it was installed.
  return { ...pluginOutputs(live), id: live.Id, grantAllPermissions: false };
};
