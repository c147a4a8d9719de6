import type { FunctionHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { manifestDigest, registryPlace } from "../registry/manifests.js";

/** `docker:index/getRegistryImage:getRegistryImage`: the digest of an image in a registry, which no engine is asked for. */
export const getRegistryImage: FunctionHandler<Configuration> = async (args, call) => {
  const { name, insecureSkipVerify } = args as { name: string; insecureSkipVerify?: boolean };
  const place = registryPlace(name, call, { insecureSkipVerify });
  const digest = await manifestDigest(place, call.signal);
  if (digest === undefined) throw new Error(`registry ${place.registry.server} has no image "${name}".`);
  return { ...args, id: digest, sha256Digest: digest };
};
