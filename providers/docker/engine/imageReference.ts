/** A reference to an image, taken apart as Docker does. */
export interface ImageReference {
  /** The registry's address, `docker.io` where the reference names none. */
  readonly server: string;
  /** As written, without tag and digest: `web`, `registry:5000/team/web`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…`. */
  readonly digest?: string;
}

/** `registry:5000/team/web:1.2@sha256:…` in its parts. A first part with a dot, a colon or `localhost` is a registry. */
export function parseImageReference(text: string): ImageReference {
  const [named = "", digest] = text.split("@", 2);
  const slash = named.lastIndexOf("/");
  const colon = named.indexOf(":", slash + 1);
  const repository = colon < 0 ? named : named.slice(0, colon);
  const first = repository.split("/")[0] ?? "";
  const hasServer = repository.includes("/") && (/[.:]/.test(first) || first === "localhost");
  return {
    server: hasServer ? first : "docker.io",
    repository,
    ...(colon >= 0 && { tag: named.slice(colon + 1) }),
    ...(digest !== undefined && { digest }),
  };
}

/** Is this the id of an image rather than a name to pull? */
export function isImageId(text: string): boolean {
  return /^(sha256:)?[0-9a-f]{64}$/.test(text);
}
