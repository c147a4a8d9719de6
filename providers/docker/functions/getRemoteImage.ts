import type { FunctionHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { inspectImage } from "../image/remoteImage.js";

/** `docker:index/getRemoteImage:getRemoteImage`: an image that the engine has. */
export const getRemoteImage: FunctionHandler<Configuration> = async (args, call) => {
  const name = args["name"] as string;
  const found = await inspectImage(name, call);
  if (!found) throw new Error(`the engine has no image "${name}". Pull it with docker.RemoteImage.`);
  return { id: found.imageId, name, repoDigest: found.repoDigest };
};
