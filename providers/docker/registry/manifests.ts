import { createHash } from "node:crypto";
import type { Call } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { parseImageReference } from "../engine/imageReference.js";
import type { Credentials } from "../registryAuth.js";
import { type Registry, type RegistryAnswer, registryRequest } from "./registryRequest.js";

const lists = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const single = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
const accept = [...lists, ...single].join(", ");

/** An image in a registry. */
export interface RegistryPlace {
  readonly registry: Registry;
  /** As the registry names it. */
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
}

export interface Manifest {
  readonly architecture: string;
  readonly mediaType: string;
  readonly os: string;
  readonly sha256Digest: string;
}

/** Where an image's name leads to; credentials are the given ones, else the provider's. */
export function registryPlace(
  name: string,
  { config }: Call<Configuration>,
  own: { credentials?: Credentials | undefined; insecureSkipVerify?: boolean | undefined } = {},
): RegistryPlace {
  const { server, repository, tag, digest } = parseImageReference(name);
  const inner =
    server === "docker.io" ? repository.replace(/^docker\.io\//, "") : repository.slice(server.length + 1);
  return {
    registry: {
      server,
      credentials: own.credentials ?? config.credentials(server),
      insecureSkipVerify: own.insecureSkipVerify,
      plain: config.isPlainRegistry(server),
    },
    // Docker's own images have no owner in their names.
    repository: server === "docker.io" && !inner.includes("/") ? `library/${inner}` : inner,
    reference: digest ?? tag ?? "latest",
  };
}

/** The digest of what the tag stands for; undefined where the registry has none of that name. */
export async function manifestDigest(place: RegistryPlace, signal: AbortSignal): Promise<string | undefined> {
  const answer = await ask("HEAD", place, signal);
  if (answer.status === 404) return undefined;
  const told = answer.headers["docker-content-digest"];
  if (answer.status === 200 && typeof told === "string") return told;
  return (await manifest(place, signal))?.digest;
}

/** The images that a name stands for, one for each platform; undefined where the registry has none of that name. */
export async function listManifests(
  place: RegistryPlace,
  signal: AbortSignal,
): Promise<{ digest: string; manifests: Manifest[] } | undefined> {
  const found = await manifest(place, signal);
  if (!found) return undefined;
  const { digest, content } = found;
  const entries = (content["manifests"] ?? undefined) as undefined | Entry[];
  if (entries) return { digest, manifests: entries.map(fromEntry) };
  const config = content["config"] as { digest: string };
  const platform = await blob({ ...place, reference: config.digest }, signal);
  const mediaType = content["mediaType"] as string;
  return { digest, manifests: [fromEntry({ digest, mediaType, platform })] };
}

/** Tags of the image's repository. */
export async function listTags(place: RegistryPlace, signal: AbortSignal): Promise<string[]> {
  const path = `/v2/${place.repository}/tags/list`;
  const answer = await registryRequest(place.registry, { method: "GET", path, signal });
  return answer.status === 200 ? ((json(answer)["tags"] as string[] | null) ?? []) : [];
}

/** Removes a manifest and with it all its tags. False where the registry does not allow that. */
export async function deleteManifest(place: RegistryPlace, signal: AbortSignal): Promise<boolean> {
  const answer = await ask("DELETE", place, signal);
  if ([200, 202, 404].includes(answer.status)) return true;
  if (answer.status === 405) return false;
  throw unexpected(place, answer);
}

interface Entry {
  readonly digest: string;
  readonly mediaType: string;
  readonly platform?: { readonly architecture?: string; readonly os?: string };
}

function fromEntry({ digest, mediaType, platform }: Entry): Manifest {
  return {
    architecture: platform?.architecture ?? "",
    mediaType,
    os: platform?.os ?? "",
    sha256Digest: digest,
  };
}

async function manifest(
  place: RegistryPlace,
  signal: AbortSignal,
): Promise<{ digest: string; content: Record<string, unknown> } | undefined> {
  const answer = await ask("GET", place, signal);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw unexpected(place, answer);
  const digest = `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
  return { digest, content: { mediaType: answer.headers["content-type"], ...json(answer) } };
}

async function blob(
  { registry, repository, reference }: RegistryPlace,
  signal: AbortSignal,
): Promise<{ architecture?: string; os?: string }> {
  const path = `/v2/${repository}/blobs/${reference}`;
  const answer = await registryRequest(registry, { method: "GET", path, signal });
  return answer.status === 200 ? json(answer) : {};
}

function ask(
  method: "GET" | "HEAD" | "DELETE",
  { registry, repository, reference }: RegistryPlace,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  const path = `/v2/${repository}/manifests/${reference}`;
  return registryRequest(registry, { method, path, headers: { accept }, signal });
}

function json({ body }: RegistryAnswer): Record<string, unknown> {
  return JSON.parse(body.toString("utf8")) as Record<string, unknown>;
}

function unexpected(
  { registry, repository, reference }: RegistryPlace,
  { status, body }: RegistryAnswer,
): Error {
  const said = body.toString("utf8").trim().slice(0, 500);
  return new Error(
    `registry ${registry.server} answered ${status} about ${repository} ${reference}: ${said}`,
  );
}
