import type { types } from "@pulumi/docker";
import type { Plain } from "../plain.js";

/** What a plugin asks for, in the words of the Engine API. */
export interface Privilege {
  readonly Name: string;
  readonly Description?: string;
  readonly Value: readonly string[];
}

type Granted = Plain<types.input.PluginGrantPermission>;

/** What of it the program does not grant, as text for an error message; empty where all is granted. */
export function ungranted(wanted: readonly Privilege[], granted: readonly Granted[]): string[] {
  return wanted.flatMap(({ Name, Value }) => {
    const values = granted.filter(({ name }) => name === Name).flatMap(({ values }) => values);
    const missing = Value.filter((value) => !values.includes(value));
    return missing.length === 0 ? [] : [`${Name} (${missing.join(", ")})`];
  });
}
