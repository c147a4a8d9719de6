import type { ProviderDefinition } from "../kit/index.js";
import { type Configuration, checkConfiguration, configure } from "./configuration.js";
import { container } from "./container/container.js";
import { getNetwork } from "./functions/getNetwork.js";
import { getRemoteImage } from "./functions/getRemoteImage.js";
import { image } from "./image/image.js";
import { remoteImage } from "./image/remoteImage.js";
import { network } from "./network.js";
import { tag } from "./tag.js";
import { volume } from "./volume.js";

/** The plugin `docker`: what `@pulumi/docker`'s SDK asks for, by its tokens. */
export const definition: ProviderDefinition<Configuration> = {
  name: "docker",
  version: "5.2.0",
  checkConfig: checkConfiguration,
  configure: (config) => configure(config),
  close: async ({ engine }) => engine.close(),
  resources: {
    "docker:index/container:Container": container,
    "docker:index/image:Image": image,
    "docker:index/network:Network": network,
    "docker:index/remoteImage:RemoteImage": remoteImage,
    "docker:index/tag:Tag": tag,
    "docker:index/volume:Volume": volume,
  },
  functions: {
    "docker:index/getNetwork:getNetwork": getNetwork,
    "docker:index/getRemoteImage:getRemoteImage": getRemoteImage,
  },
};
