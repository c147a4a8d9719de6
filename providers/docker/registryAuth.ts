import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { types } from "@pulumi/docker";
import type { Plain } from "./plain.js";

export type RegistryAuth = Plain<types.input.ProviderRegistryAuth>;

/** What the engine is handed to log in to a registry with. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress?: string;
}

interface ConfigFile {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
}

/**
 * The credentials for a registry: those of the provider's `registryAuth` for its address, else the user's own
 * `~/.docker/config.json` (or DOCKER_CONFIG), else none. Errors name a configuration file that can't be read.
 */
export function credentialsFor(
  server: string,
  registryAuth: readonly RegistryAuth[],
  env: NodeJS.ProcessEnv = process.env,
): Credentials | undefined {
  const entry = registryAuth.find(({ address }) => serverOf(address) === serverOf(server));
  if (!entry) return fromFile(server, defaultFile(env), false);
  if (entry.authDisabled) return undefined;
  if (entry.configFileContent) return fromText(server, entry.configFileContent, "configFileContent");
  if (entry.configFile) return fromFile(server, entry.configFile, true);
  const username = entry.username ?? env["DOCKER_REGISTRY_USER"];
  const password = entry.password ?? env["DOCKER_REGISTRY_PASS"];
  if (username === undefined) return fromFile(server, defaultFile(env), false);
  return { username, ...(password !== undefined && { password }), serveraddress: serverOf(entry.address) };
}

/** The header that carries them: base64 as in URLs, of JSON. */
export function authHeader(credentials: Credentials | undefined): Record<string, string> {
  const json = Buffer.from(JSON.stringify(credentials ?? {})).toString("base64");
  return { "X-Registry-Auth": json.replaceAll("+", "-").replaceAll("/", "_") };
}

/** The header for builds, which may need several registries: base64 of JSON, by address. */
export function registryConfigHeader(
  credentials: Readonly<Record<string, Credentials>>,
): Record<string, string> {
  return { "X-Registry-Config": Buffer.from(JSON.stringify(credentials)).toString("base64") };
}

/** The same registry is written `https://index.docker.io/v1/`, `docker.io`, `registry:5000` or `https://registry:5000`. */
export function serverOf(address: string): string {
  const host = address.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return ["index.docker.io", "registry-1.docker.io"].includes(host) ? "docker.io" : host;
}

function defaultFile(env: NodeJS.ProcessEnv): string {
  return env["DOCKER_CONFIG"] || join(homedir(), ".docker/config.json");
}

function fromFile(server: string, path: string, required: boolean): Credentials | undefined {
  const file = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  let text: string;
  try {
    text = readFileSync(statSync(file).isDirectory() ? join(file, "config.json") : file, "utf8");
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`registryAuth: ${file} can't be read: ${(error as Error).message}`);
  }
  return fromText(server, text, file);
}

function fromText(server: string, text: string, source: string): Credentials | undefined {
  let config: ConfigFile;
  try {
    config = JSON.parse(text) as ConfigFile;
  } catch {
    throw new Error(`registryAuth: ${source} is not JSON.`);
  }
  const [, found] =
    Object.entries(config.auths ?? {}).find(([key]) => serverOf(key) === serverOf(server)) ?? [];
  if (!found) return undefined;
  const [username, ...password] = Buffer.from(found.auth ?? "", "base64")
    .toString("utf8")
    .split(":");
  return {
    ...(found.username || username ? { username: found.username || username } : {}),
    ...(found.password || password.length > 0 ? { password: found.password || password.join(":") } : {}),
    ...(found.identitytoken && { identitytoken: found.identitytoken }),
    serveraddress: serverOf(server),
  };
}
