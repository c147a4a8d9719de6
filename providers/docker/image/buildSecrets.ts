import { readFileSync } from "node:fs";
import type { types } from "@pulumi/docker";
import { type CheckFailure, hasUnknown } from "../../kit/index.js";
import type { Plain } from "../plain.js";

type BuildSecret = Plain<types.input.RemoteImageBuildSecret>;

/** Mistakes in the list, which is at this path. */
export function checkSecrets(secrets: readonly BuildSecret[] | undefined, path: string): CheckFailure[] {
  if (!Array.isArray(secrets) || hasUnknown(secrets)) return [];
  return secrets.flatMap(({ id, env, src }, i) => {
    if ((env || src) && id !== "") return [];
    const reason =
      id === "" ? "a secret needs an id" : "env (a variable's name) or src (a file) must be given";
    return [{ property: `${path}[${i}]`, reason }];
  });
}

/** What they are, from this process's environment and this machine's files. Errors name the secret and what is missing. */
export function readSecrets(
  secrets: readonly BuildSecret[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Map<string, Buffer> {
  return new Map(secrets.map((secret) => [secret.id, contentOf(secret, env)]));
}

function contentOf({ id, env: name, src }: BuildSecret, env: NodeJS.ProcessEnv): Buffer {
  if (name && !src) {
    const value = env[name];
    if (value === undefined) throw new Error(`build secret "${id}": the variable ${name} is not set.`);
    return Buffer.from(value);
  }
  try {
    return readFileSync(src as string);
  } catch (error) {
    throw new Error(`build secret "${id}": ${src} can't be read: ${(error as Error).message}`);
  }
}
