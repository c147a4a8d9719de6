import type { types } from "@pulumi/docker";
import { orNothing } from "../../container/units.js";
import {
  choice,
  flag,
  labels,
  list,
  map,
  number,
  object,
  objects,
  oneOf,
  pairs,
  set,
  text,
  time,
} from "../../fields.js";
import type { Plain } from "../../plain.js";
import type { Field, Shape } from "../../shape.js";
import type { ContainerSpec } from "./types.js";

type Input = types.input.ServiceTaskSpecContainerSpec;
type Mount = Plain<types.input.ServiceTaskSpecContainerSpecMount>;
type VolumeOptions = NonNullable<Mount["volumeOptions"]>;
type Host = Plain<types.input.ServiceTaskSpecContainerSpecHost>;
type HealthCheck = NonNullable<Plain<Input>["healthcheck"]>;
type Privileges = NonNullable<Plain<Input>["privileges"]>;

/** `Driver` of a volume is an object of its own in the Engine API. */
const driverConfig: Pick<Shape<VolumeOptions>, "driverName" | "driverOptions"> = {
  driverName: text("Name"),
  driverOptions: map("Options"),
};
const volumeOptions: Shape<Omit<VolumeOptions, keyof typeof driverConfig>> = {
  labels: labels("Labels"),
  noCopy: flag("NoCopy"),
};

const mount: Shape<Mount> = {
  type: oneOf("Type", ["bind", "volume", "tmpfs", "npipe"]),
  target: text("Target"),
  source: text("Source"),
  readOnly: flag("ReadOnly"),
  bindOptions: object("BindOptions", { propagation: text("Propagation", "rprivate") }),
  tmpfsOptions: object("TmpfsOptions", { mode: number("Mode"), sizeBytes: number("SizeBytes") }),
  volumeOptions: {
    ...object<any>("VolumeOptions", { ...volumeOptions, ...driverConfig }),
    to: ({ driverName, driverOptions, ...rest }) => ({
      ...(object("", volumeOptions).to(rest) as object),
      ...((driverName || driverOptions) && {
        DriverConfig: { Name: driverName || "local", Options: driverOptions ?? {} },
      }),
    }),
    from: ({ DriverConfig, ...rest }) =>
      orNothing({
        ...(object("", volumeOptions).from(rest) ?? {}),
        ...(object("", driverConfig).from(DriverConfig ?? {}) ?? {}),
      }),
  },
};

const healthcheck: Shape<HealthCheck> = {
  tests: list("Test"),
  interval: time("Interval"),
  timeout: time("Timeout"),
  startPeriod: time("StartPeriod"),
  retries: number("Retries"),
};

const privileges: Shape<Privileges> = {
  credentialSpec: object("CredentialSpec", { file: text("File"), registry: text("Registry") }),
  seLinuxContext: object("SELinuxContext", {
    disable: flag("Disable"),
    level: text("Level"),
    role: text("Role"),
    type: text("Type"),
    user: text("User"),
  }),
};

/** What runs in each task. */
export const containerSpec: Shape<ContainerSpec> = {
  image: text("Image"),
  args: list("Args"),
  commands: list("Command"),
  capAdds: capabilities("CapabilityAdd"),
  capDrops: capabilities("CapabilityDrop"),
  configs: files("Config", "configId", "configName"),
  secrets: files("Secret", "secretId", "secretName"),
  dir: text("Dir"),
  dnsConfig: object("DNSConfig", {
    nameservers: list("Nameservers"),
    options: list("Options"),
    searches: list("Search"),
  }),
  env: pairs("Env"),
  groups: set("Groups"),
  healthcheck: object("Healthcheck", healthcheck),
  hostname: text("Hostname"),
  hosts: {
    api: "Hosts",
    unordered: true,
    to: (value) => value.map(({ host, ip }: Host) => `${ip} ${host}`),
    from: (lines: string[]) =>
      orNothing(
        lines.flatMap((line) => {
          const [ip = "", ...names] = line.split(/\s+/);
          return names.map((host) => ({ host, ip }));
        }),
      ),
  },
  init: choice("Init"),
  isolation: text("Isolation", "default"),
  labels: labels("Labels"),
  mounts: objects("Mounts", mount),
  privileges: object("Privileges", privileges),
  readOnly: flag("ReadOnly"),
  stopGracePeriod: time("StopGracePeriod"),
  stopSignal: text("StopSignal"),
  sysctl: map("Sysctls"),
  user: text("User"),
};

/** `NET_ADMIN` and `CAP_NET_ADMIN` are the same; the engine keeps the latter. */
function capabilities(api: string): Field<string[]> {
  const full = (name: string) => (/^(CAP_|ALL$)/.test(name) ? name : `CAP_${name}`);
  return { ...set(api), to: (names) => names.map((name) => full(name.toUpperCase())) };
}

interface EngineFile {
  readonly File?: {
    readonly Name: string;
    readonly UID: string;
    readonly GID: string;
    readonly Mode: number;
  };
  readonly [name: string]: unknown;
}

/** A secret or a config that appears in the container as a file; by default of root's, for all to read. */
function files<
  T extends Record<I, string> & { [K in N]?: string } & FileSettings,
  I extends string,
  N extends string,
>(kind: "Config" | "Secret", idName: I, nameName: N): Field<T[]> {
  return {
    api: `${kind}s`,
    unordered: true,
    to: (value) =>
      value.map((file) => ({
        [`${kind}ID`]: file[idName],
        ...(file[nameName] !== undefined && { [`${kind}Name`]: file[nameName] }),
        File: {
          Name: file.fileName,
          UID: file.fileUid ?? "0",
          GID: file.fileGid ?? "0",
          Mode: file.fileMode ?? 0o444,
        },
      })),
    // The name goes with the id, and is looked up where it is not given: it says nothing of its own.
    from: (value: EngineFile[]) =>
      orNothing(
        value.map(
          ({ File, ...rest }) =>
            ({
              [idName]: rest[`${kind}ID`],
              fileName: File?.Name ?? "",
              ...(File && File.UID !== "0" && { fileUid: File.UID }),
              ...(File && File.GID !== "0" && { fileGid: File.GID }),
              ...(File && File.Mode !== 0o444 && { fileMode: File.Mode }),
            }) as T,
        ),
      ),
  };
}

interface FileSettings {
  fileName: string;
  fileUid?: string;
  fileGid?: string;
  fileMode?: number;
}
