import type * as docker from "@pulumi/docker";
import type { DockerTarget } from "../connection/index.js";
import { parseDockerHost } from "../connection/index.js";
import { type CheckFailure, isUnknown } from "../kit/index.js";
import { dockerContext } from "./dockerContext.js";
import { Engine } from "./engine/engine.js";
import type { Plain } from "./plain.js";
import { type Credentials, credentialsFor, type RegistryAuth, serverOf } from "./registryAuth.js";

type ProviderInputs = Plain<docker.ProviderArgs>;

/** What every resource of a provider works with. */
export interface Configuration {
  readonly engine: Engine;
  /** The credentials for a registry's address, if any are configured. */
  credentials(server: string): Credentials | undefined;
  /** The credentials of all registries that the provider names, by address: a build may pull from any. */
  allCredentials(): Record<string, Credentials>;
  /** Does the provider name this registry with `http://`? */
  isPlainRegistry(server: string): boolean;
}

const defaultHost = "unix:///var/run/docker.sock";

/** From the provider's configuration to an engine; connects to nothing. */
export function configure(raw: Record<string, unknown>, env: NodeJS.ProcessEnv = process.env): Configuration {
  const inputs = decodeConfiguration(raw);
  const registryAuth = (inputs.registryAuth ?? []) as RegistryAuth[];
  return {
    engine: new Engine(target(inputs, env)),
    credentials: (server) => credentialsFor(server, registryAuth, env),
    isPlainRegistry: (server) =>
      registryAuth.some(({ address }) => address.startsWith("http://") && serverOf(address) === server),
    allCredentials: () => {
      const found = registryAuth.map(
        ({ address }) => [address, credentialsFor(address, registryAuth, env)] as const,
      );
      return Object.fromEntries(found.flatMap(([address, it]) => (it ? [[address, it]] : [])));
    },
  };
}

/** Where the engine is: the context wins over the host, the provider's own words over the environment's. */
function target(inputs: ProviderInputs, env: NodeJS.ProcessEnv): DockerTarget {
  const context = inputs.context ?? (inputs.host === undefined ? env["DOCKER_CONTEXT"] : undefined);
  const fromContext = context ? dockerContext(context, env) : undefined;
  const given = {
    sshOpts: inputs.sshOpts,
    caMaterial: inputs.caMaterial ?? env["DOCKER_CA_MATERIAL"],
    certMaterial: inputs.certMaterial ?? env["DOCKER_CERT_MATERIAL"],
    keyMaterial: inputs.keyMaterial ?? env["DOCKER_KEY_MATERIAL"],
    certPath: inputs.certPath ?? env["DOCKER_CERT_PATH"],
  };
  const material = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { host: inputs.host || env["DOCKER_HOST"] || defaultHost, ...material, ...fromContext };
}

/** Mistakes in the configuration, found before anything is connected to. */
export function checkConfiguration(raw: Record<string, unknown>): {
  inputs: Record<string, unknown>;
  failures: CheckFailure[];
} {
  const failures: CheckFailure[] = [];
  const attempt = (property: string, check: () => unknown) => {
    try {
      check();
    } catch (error) {
      failures.push({ property, reason: (error as Error).message });
    }
  };
  for (const name of nested) attempt(name, () => decodeNested(name, raw[name]));
  const { host } = raw;
  if (typeof host === "string" && host !== "") attempt("host", () => parseDockerHost(host));
  return { inputs: raw, failures };
}

/** The SDK sends these as JSON in a string: provider configuration knows no other type. */
const nested = ["disableDockerDaemonCheck", "registryAuth", "sshOpts"] as const;

function decodeConfiguration(raw: Record<string, unknown>): ProviderInputs {
  const decoded = nested.map((name) => [name, decodeNested(name, raw[name])] as const);
  const given = [...Object.entries(raw), ...decoded].filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as ProviderInputs;
}

function decodeNested(name: (typeof nested)[number], value: unknown): unknown {
  if (typeof value !== "string" || isUnknown(value)) return value;
  if (value === "") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`${name} is not JSON. The SDK encodes it; in configuration files write it as JSON.`);
  }
}
