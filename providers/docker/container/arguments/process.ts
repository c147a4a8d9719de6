import { labelList, urnLabel } from "../../plain.js";
import type { ArgumentTable, ContainerInputs, HealthConfig } from "../types.js";
import { fromNanoseconds, orNothing, toNanoseconds, unless } from "../units.js";
import { bodyField, hostField, list, map, offByDefault, set } from "./builders.js";

type HealthCheck = NonNullable<ContainerInputs["healthcheck"]>;

/** What runs, as whom, and what becomes of it. */
export const processArguments: ArgumentTable<
  | "image"
  | "platform"
  | "command"
  | "entrypoints"
  | "envs"
  | "user"
  | "workingDir"
  | "hostname"
  | "domainname"
  | "labels"
  | "tty"
  | "stdinOpen"
  | "init"
  | "stopSignal"
  | "stopTimeout"
  | "healthcheck"
  | "restart"
  | "maxRetryCount"
  | "rm"
  | "runtime"
  | "logDriver"
  | "logOpts"
> = {
  image: bodyField("Image", { read: (live) => live.Config.Image }),
  // A parameter of the request; Docker does not tell it back.
  platform: { api: "?platform", effect: "replace" },
  command: bodyField("Cmd", { ...list, read: (live, image) => unless(live.Config.Cmd, image.Cmd) }),
  entrypoints: bodyField("Entrypoint", {
    ...list,
    read: (live, image) => unless(asList(live.Config.Entrypoint), image.Entrypoint),
  }),
  envs: bodyField("Env", {
    ...set,
    read: (live, image) => orNothing(live.Config.Env?.filter((entry) => !image.Env?.includes(entry))),
  }),
  user: bodyField("User", { read: (live, image) => unless(live.Config.User, image.User) }),
  workingDir: bodyField("WorkingDir", {
    read: (live, image) => unless(live.Config.WorkingDir, image.WorkingDir),
  }),
  hostname: bodyField("Hostname", {
    // In the machine's own network it is the machine's.
    read: ({ Config, HostConfig, Id }) =>
      HostConfig.NetworkMode === "host" ? undefined : unless(Config.Hostname, Id.slice(0, 12)),
  }),
  domainname: bodyField("Domainname"),
  labels: {
    api: "Labels",
    effect: "replace",
    ...set,
    write: (labels, body) => {
      for (const { label, value } of labels) if (label !== urnLabel) body.Labels[label] = value;
    },
    read: (live, image) => orNothing(labelList(live.Config.Labels, image.Labels ?? {})),
  },
  tty: bodyField("Tty", offByDefault),
  stdinOpen: bodyField("OpenStdin", offByDefault),
  init: hostField("Init"),
  stopSignal: bodyField("StopSignal", {
    read: (live, image) => unless(live.Config.StopSignal, image.StopSignal || "SIGTERM"),
  }),
  stopTimeout: bodyField("StopTimeout"),
  healthcheck: {
    api: "Healthcheck",
    effect: "replace",
    canonical: (value) => value && canonicalHealthCheck(value),
    write: (value, body) => {
      body.Healthcheck = toHealthConfig(value) as NonNullable<typeof body.Healthcheck>;
    },
    read: (live, image) => {
      const own = unless(live.Config.Healthcheck, image.Healthcheck);
      return own && fromHealthConfig(own);
    },
  },
  restart: {
    api: "HostConfig.RestartPolicy.Name",
    effect: "in place",
    drifts: true,
    canonical: (value) => value || "no",
    write: (value, body) => {
      body.HostConfig.RestartPolicy = { ...body.HostConfig.RestartPolicy, Name: value };
    },
    read: (live) => unless(live.HostConfig.RestartPolicy?.Name, "no"),
  },
  maxRetryCount: {
    api: "HostConfig.RestartPolicy.MaximumRetryCount",
    effect: "in place",
    drifts: true,
    canonical: (value) => value ?? 0,
    write: (value, body, { restart }) => {
      body.HostConfig.RestartPolicy = { Name: restart || "no", MaximumRetryCount: value };
    },
    read: (live) => orNothing(live.HostConfig.RestartPolicy?.MaximumRetryCount),
  },
  rm: hostField("AutoRemove", offByDefault),
  runtime: hostField("Runtime", { read: (live) => unless(live.HostConfig.Runtime, "runc") }),
  logDriver: {
    api: "HostConfig.LogConfig.Type",
    effect: "replace",
    canonical: (value) => value || "json-file",
    write: (Type, body) => {
      body.HostConfig.LogConfig = { Config: {}, ...body.HostConfig.LogConfig, Type };
    },
    read: (live) => unless(live.HostConfig.LogConfig?.Type, "json-file"),
  },
  logOpts: {
    api: "HostConfig.LogConfig.Config",
    effect: "replace",
    ...map,
    write: (Config, body, { logDriver }) => {
      // Without a type the engine refuses options, although it has a default type.
      body.HostConfig.LogConfig = { Type: logDriver || "json-file", Config };
    },
    read: (live) => orNothing(live.HostConfig.LogConfig?.Config as Record<string, string>),
  },
};

function asList(value: string | string[] | undefined): string[] | undefined {
  return typeof value === "string" ? [value] : value;
}

function toHealthConfig(check: HealthCheck): HealthConfig {
  const { tests, retries, interval, timeout, startPeriod, startInterval } = check;
  return {
    ...(tests && { Test: tests }),
    ...(retries && { Retries: retries }),
    ...(interval && { Interval: toNanoseconds(interval) }),
    ...(timeout && { Timeout: toNanoseconds(timeout) }),
    ...(startPeriod && { StartPeriod: toNanoseconds(startPeriod) }),
    ...(startInterval && { StartInterval: toNanoseconds(startInterval) }),
  };
}

function fromHealthConfig(config: HealthConfig): HealthCheck {
  return {
    ...(config.Test && { tests: config.Test }),
    ...(config.Retries && { retries: config.Retries }),
    ...(config.Interval && { interval: fromNanoseconds(config.Interval) }),
    ...(config.Timeout && { timeout: fromNanoseconds(config.Timeout) }),
    ...(config.StartPeriod && { startPeriod: fromNanoseconds(config.StartPeriod) }),
    ...(config.StartInterval && { startInterval: fromNanoseconds(config.StartInterval) }),
  };
}

/** `60s` and `1m` are the same. A mistaken duration is left for `check` to name. */
function canonicalHealthCheck(check: HealthCheck): HealthCheck {
  try {
    return fromHealthConfig(toHealthConfig(check));
  } catch {
    return check;
  }
}
