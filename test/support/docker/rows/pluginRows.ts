import type { PluginInputs } from "../../../../providers/docker/plugin/plugin.js";
import type { Row, World } from "./row.js";

/** Every argument of a plugin of the engine's own kind. */
export function pluginRows({ plugin, otherPlugin, pluginPermissions }: World): Row<PluginInputs>[] {
  const row = (
    name: string,
    one: Partial<PluginInputs>,
    other: Partial<PluginInputs>,
    change: string[],
  ): Row<PluginInputs> => {
    const base = { name: plugin, alias: `${name.toLowerCase()}:1`, grantAllPermissions: true };
    return {
      type: "Plugin",
      name: `plugin-${name}`,
      one: { ...base, ...one },
      other: { ...base, ...other },
      change,
      untold: ["enableTimeout", "forceDestroy", "forceDisable", "grant"],
    };
  };
  const grantPermissions = pluginPermissions.map((it) => ({ ...it, values: [...it.values] }));
  const byName = { grantAllPermissions: undefined, grantPermissions };
  return [
    row("alias", { alias: "first:1" }, { alias: "second:1" }, ["alias update-replace"]),
    row("name", { name: plugin }, { name: otherPlugin }, ["name update-replace"]),
    row("enabled", { enabled: false }, { enabled: true }, ["enabled update"]),
    row("envs", { envs: ["DEBUG=1"] }, { envs: ["DEBUG=2"] }, ["envs[0] update"]),
    row("conduct", { enableTimeout: 5, forceDestroy: true, forceDisable: true }, { enableTimeout: 6 }, [
      "enableTimeout update",
      "forceDestroy update",
      "forceDisable update",
    ]),
    row("grantPermissions", byName, {}, [
      "grantAllPermissions update-replace",
      "grantPermissions delete-replace",
    ]),
  ];
}
