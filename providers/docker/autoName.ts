import { randomBytes } from "node:crypto";

/** A name of its own for what the program gave none: the resource's name and seven random hex digits. */
export function autoName(urn: string): string {
  const name = urn.split("::").at(-1) ?? "";
  const allowed = name.replace(/[^a-zA-Z0-9_.-]+/g, "-").replace(/^[^a-zA-Z0-9]+/, "");
  return `${allowed || "unnamed"}-${randomBytes(4).toString("hex").slice(0, 7)}`;
}
