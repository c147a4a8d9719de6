import { labelList } from "../plain.js";
import { boundPorts } from "./arguments/network.js";
import { containerArguments } from "./containerArguments.js";
import type { ContainerInputs, Inspect } from "./types.js";
import { fromNanoseconds } from "./units.js";

/** What the state holds of a container: the inputs as given, what the engine decided, and what `read` compares with. */
export interface ContainerState extends Record<string, unknown> {
  readonly name: string;
  /** Values of the arguments that others can change, as they were when this plugin last set them. */
  readonly observed: Readonly<Record<string, unknown>>;
  /** The inputs that drift has replaced, to go back to when it is undone by hand. Absent without drift. */
  readonly declared?: Readonly<Record<string, unknown>>;
}

/** What only the engine can say, by name of the output. */
export const computedOutputs = [
  "name",
  "bridge",
  "command",
  "containerLogs",
  "entrypoints",
  "envs",
  "exitCode",
  "healthcheck",
  "hostname",
  "init",
  "ipcMode",
  "labels",
  "logDriver",
  "networkDatas",
  "observed",
  "platform",
  "runtime",
  "securityOpts",
  "shmSize",
  "stopSignal",
  "stopTimeout",
] as const;

/** Those that change while the container lives. */
export const unstableOutputs = ["exitCode", "networkDatas", "observed"] as const;

export function containerState(inputs: ContainerInputs, live: Inspect, containerLogs = ""): ContainerState {
  const own = { name: nameOf(live), observed: observe(live) };
  return { ...decided(live), containerLogs, ...withGivenPorts(inputs, live), ...own };
}

/** What changes by itself, on top of an earlier state. */
export function refreshedState(state: ContainerState, live: Inspect): ContainerState {
  return { ...state, networkDatas: networkDatas(live), exitCode: live.State.ExitCode, name: nameOf(live) };
}

export function nameOf(live: Inspect): string {
  return live.Name.slice(1);
}

/** What others can change, as it is now. Only arguments without secrets are among these. */
export function observe(live: Inspect): Record<string, unknown> {
  const drifting = Object.entries(containerArguments).filter(([, argument]) => argument.drifts);
  const values = drifting.map(([name, argument]) => [name, argument.read?.(live, {})] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function decided(live: Inspect): Record<string, unknown> {
  const { Config, HostConfig } = live;
  const entrypoint = Config.Entrypoint ?? [];
  const health = Config.Healthcheck;
  return {
    bridge: "",
    command: Config.Cmd ?? [],
    entrypoints: typeof entrypoint === "string" ? [entrypoint] : entrypoint,
    envs: Config.Env ?? [],
    exitCode: live.State.ExitCode,
    healthcheck: {
      tests: health?.Test ?? [],
      interval: fromNanoseconds(health?.Interval) ?? "0s",
      timeout: fromNanoseconds(health?.Timeout) ?? "0s",
      startPeriod: fromNanoseconds(health?.StartPeriod) ?? "0s",
      startInterval: fromNanoseconds(health?.StartInterval) ?? "0s",
      retries: health?.Retries ?? 0,
    },
    hostname: Config.Hostname,
    init: HostConfig.Init ?? false,
    ipcMode: HostConfig.IpcMode ?? "",
    labels: labelList(Config.Labels),
    logDriver: HostConfig.LogConfig?.Type ?? "",
    networkDatas: networkDatas(live),
    platform: live.Platform,
    runtime: HostConfig.Runtime ?? "",
    securityOpts: (HostConfig.SecurityOpt as string[] | null) ?? [],
    shmSize: (HostConfig.ShmSize ?? 0) / 1024 ** 2,
    stopSignal: Config.StopSignal || "SIGTERM",
    stopTimeout: Config.StopTimeout ?? 0,
  };
}

/** The inputs, with the ports that the engine chose where none was asked for. */
function withGivenPorts(inputs: ContainerInputs, live: Inspect): Record<string, unknown> {
  const chosen = boundPorts(live.NetworkSettings.Ports);
  const ports = inputs.ports?.map((port) => {
    if (port.external) return port;
    const at = chosen.findIndex(
      ({ internal, protocol }) => internal === port.internal && protocol === (port.protocol || "tcp"),
    );
    const [found] = at < 0 ? [] : chosen.splice(at, 1);
    return { ...port, ...(found?.external !== undefined && { external: found.external }) };
  });
  return { ...inputs, ...(ports && { ports }) };
}

function networkDatas(live: Inspect): Record<string, unknown>[] {
  return Object.entries(live.NetworkSettings.Networks ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([networkName, network]) => ({
      networkName,
      gateway: network.Gateway,
      globalIpv6Address: network.GlobalIPv6Address,
      globalIpv6PrefixLength: network.GlobalIPv6PrefixLen,
      ipAddress: network.IPAddress,
      ipPrefixLength: network.IPPrefixLen,
      ipv6Gateway: network.IPv6Gateway,
      macAddress: network.MacAddress,
    }));
}
