import type { FunctionHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { ifExists } from "../engine/engineError.js";
import { type EngineNetwork, ipamConfigs } from "../network.js";

/** `docker:index/getNetwork:getNetwork`: a network that the engine has, with the containers in it. */
export const getNetwork: FunctionHandler<Configuration> = async (args, { config: { engine }, signal }) => {
  const name = args["name"] as string;
  const live = await ifExists(
    engine.call<EngineNetwork>("GET", `/networks/${encodeURIComponent(name)}`, { signal }),
  );
  if (!live) throw new Error(`the engine has no network "${name}".`);
  return {
    id: live.Id,
    name: live.Name,
    driver: live.Driver,
    scope: live.Scope,
    internal: live.Internal,
    options: live.Options ?? {},
    ipamConfigs: ipamConfigs(live),
    containers: Object.entries(live.Containers ?? {}).map(([containerId, container]) => ({
      containerId,
      name: container["Name"] ?? "",
      endpointId: container["EndpointID"] ?? "",
      macAddress: container["MacAddress"] ?? "",
      ipv4Address: container["IPv4Address"] ?? "",
      ipv6Address: container["IPv6Address"] ?? "",
    })),
  };
};
