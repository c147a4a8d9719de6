import type { Call } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { parseImageReference } from "../engine/imageReference.js";
import { authHeader, type Credentials } from "../registryAuth.js";
import { followTransfer } from "./followTransfer.js";

/** Pushes a tag of the engine and gives the digest that the registry knows it by. */
export async function pushImage(
  name: string,
  credentials: Credentials | undefined,
  { config: { engine }, signal, status }: Call<Configuration>,
): Promise<string> {
  const { repository, tag = "latest" } = parseImageReference(name);
  status(`pushing ${name}`);
  const answer = await engine.stream("POST", `/images/${repository}/push`, {
    signal,
    query: { tag },
    headers: authHeader(credentials),
  });
  const digest = await followTransfer(answer, `pushing ${name}`, status);
  if (!digest) throw new Error(`pushing ${name} ended without a digest of the registry's.`);
  return digest;
}
