import type { FunctionHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { listManifests, registryPlace } from "../registry/manifests.js";

interface Args {
  readonly name: string;
  readonly insecureSkipVerify?: boolean;
  readonly authConfig?: { readonly address: string; readonly username?: string; readonly password?: string };
}

/** `docker:index/getRegistryImageManifests:getRegistryImageManifests`: an image's digests, one for each platform. */
export const getRegistryImageManifests: FunctionHandler<Configuration> = async (args, call) => {
  const { name, insecureSkipVerify, authConfig } = args as unknown as Args;
  const { address: serveraddress, ...rest } = authConfig ?? {};
  const credentials = serveraddress === undefined ? undefined : { serveraddress, ...rest };
  const place = registryPlace(name, call, { insecureSkipVerify, credentials });
  const found = await listManifests(place, call.signal);
  if (!found) throw new Error(`registry ${place.registry.server} has no image "${name}".`);
  return { ...args, id: found.digest, manifests: found.manifests };
};
