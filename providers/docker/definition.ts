import type { ProviderDefinition } from "../kit/index.js";
import { buildxBuilder } from "./buildx/buildxBuilder.js";
import { type Configuration, checkConfiguration, configure } from "./configuration.js";
import { container } from "./container/container.js";
import { stopped } from "./container/readContainer.js";
import { getLogs } from "./functions/getLogs.js";
import { getNetwork } from "./functions/getNetwork.js";
import { getPlugin } from "./functions/getPlugin.js";
import { getRegistryImage } from "./functions/getRegistryImage.js";
import { getRegistryImageManifests } from "./functions/getRegistryImageManifests.js";
import { getRemoteImage } from "./functions/getRemoteImage.js";
import { image } from "./image/image.js";
import { remoteImage } from "./image/remoteImage.js";
import { network } from "./network.js";
import { plugin } from "./plugin/plugin.js";
import { registryImage } from "./registry/registryImage.js";
import { secret } from "./swarm/secret.js";
import { service } from "./swarm/service/service.js";
import { serviceConfig } from "./swarm/serviceConfig.js";
import { tag } from "./tag.js";
import { volume } from "./volume.js";
import { whileOff } from "./whileOff.js";

/** The plugin `docker`: what `@pulumi/docker`'s SDK asks for, by its tokens. */
export const definition: ProviderDefinition<Configuration> = {
  name: "docker",
  version: "5.2.0",
  schema: async () => (await import("./schema.json", { with: { type: "json" } })).default,
  checkConfig: checkConfiguration,
  configure: (config) => configure(config),
  close: async ({ engine }) => engine.close(),
  resources: {
    "docker:index/buildxBuilder:BuildxBuilder": buildxBuilder,
    "docker:index/container:Container": whileOff(container, stopped),
    "docker:index/image:Image": whileOff(image),
    "docker:index/network:Network": whileOff(network),
    "docker:index/plugin:Plugin": whileOff(plugin),
    "docker:index/registryImage:RegistryImage": whileOff(registryImage),
    "docker:index/remoteImage:RemoteImage": whileOff(remoteImage),
    "docker:index/secret:Secret": whileOff(secret),
    "docker:index/service:Service": whileOff(service),
    "docker:index/serviceConfig:ServiceConfig": whileOff(serviceConfig),
    "docker:index/tag:Tag": whileOff(tag),
    "docker:index/volume:Volume": whileOff(volume),
  },
  functions: {
    "docker:index/getLogs:getLogs": getLogs,
    "docker:index/getNetwork:getNetwork": getNetwork,
    "docker:index/getPlugin:getPlugin": getPlugin,
    "docker:index/getRegistryImage:getRegistryImage": getRegistryImage,
    "docker:index/getRegistryImageManifests:getRegistryImageManifests": getRegistryImageManifests,
    "docker:index/getRemoteImage:getRemoteImage": getRemoteImage,
  },
};
