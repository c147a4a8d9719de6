import type { Call } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { EngineError } from "../engine/engineError.js";
import { parseImageReference } from "../engine/imageReference.js";
import { authHeader } from "../registryAuth.js";
import { followTransfer } from "./followTransfer.js";

/** Pulls an image by tag (default `latest`) or digest. Errors name the image and carry the registry's words. */
export async function pullImage(
  name: string,
  platform: string | undefined,
  { config, signal, status }: Call<Configuration>,
): Promise<void> {
  const { server, repository, tag, digest } = parseImageReference(name);
  status(`pulling ${name}`);
  const request = {
    signal,
    query: { fromImage: repository, tag: digest ?? tag ?? "latest", platform },
    headers: authHeader(config.credentials(server)),
  };
  const answer = await config.engine.stream("POST", "/images/create", request).catch((error: unknown) => {
    if (!(error instanceof EngineError)) throw error;
    throw new Error(`pulling ${name} failed: ${error.message}`, { cause: error });
  });
  await followTransfer(answer, `pulling ${name}`, status);
}
