import type { ArgumentTable, ContainerInputs, Inspect } from "../types.js";
import { orNothing } from "../units.js";
import { hostField, list, offByDefault, set } from "./builders.js";

type Port = NonNullable<ContainerInputs["ports"]>[number];
type Attachment = NonNullable<ContainerInputs["networksAdvanced"]>[number];

/** How it is reached and what it reaches. */
export const networkArguments: ArgumentTable<
  | "ports"
  | "publishAllPorts"
  | "networkMode"
  | "networksAdvanced"
  | "dns"
  | "dnsOpts"
  | "dnsSearches"
  | "hosts"
> = {
  ports: {
    api: "ExposedPorts, HostConfig.PortBindings",
    effect: "replace",
    unordered: true,
    canonical: (ports) =>
      (ports ?? []).map(({ internal, external, ip, protocol }) => ({
        internal,
        external: external || 0,
        ip: ip || "0.0.0.0",
        protocol: protocol || "tcp",
      })),
    write: (ports, body) => {
      const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
      for (const { internal, external, ip, protocol } of ports) {
        const key = `${internal}/${protocol || "tcp"}`;
        bindings[key] ??= [];
        bindings[key].push({ HostIp: ip || "0.0.0.0", HostPort: external ? String(external) : "" });
      }
      body.HostConfig.PortBindings = bindings;
      body.ExposedPorts = Object.fromEntries(Object.keys(bindings).map((key) => [key, {}]));
    },
    read: (live) => orNothing(boundPorts(live.HostConfig.PortBindings)),
  },
  publishAllPorts: hostField("PublishAllPorts", offByDefault),
  networkMode: hostField("NetworkMode", {
    canonical: (mode) => (mode === "default" || !mode ? "bridge" : mode),
    read: ({ HostConfig, NetworkSettings }) => {
      const mode = HostConfig.NetworkMode ?? "";
      // A network's own name stands here for the first of `networksAdvanced`.
      const implied = ["default", "bridge", ""].includes(mode) || isNetwork(mode, NetworkSettings);
      return implied ? undefined : mode;
    },
  }),
  networksAdvanced: {
    // The first one at creation, the others by "connect a container to a network" before the start.
    api: "NetworkingConfig.EndpointsConfig",
    effect: "replace",
    drifts: true,
    ...set,
    write: ([first], body, { networkMode }) => {
      if (!first) return;
      if (!networkMode) body.HostConfig.NetworkMode = first.name;
      body.NetworkingConfig = { EndpointsConfig: { [first.name]: endpointOf(first) } };
    },
    read: ({ Id, HostConfig, NetworkSettings }) => {
      const standard = ["default", "bridge"].includes(HostConfig.NetworkMode ?? "");
      return orNothing(
        Object.entries(NetworkSettings.Networks ?? {})
          .filter(([name]) => !["host", "none"].includes(name) && !(standard && name === "bridge"))
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, endpoint]) => attachmentOf(name, endpoint, Id)),
      );
    },
  },
  dns: hostField("Dns", set),
  dnsOpts: hostField("DnsOptions", set),
  dnsSearches: hostField("DnsSearch", set),
  hosts: {
    api: "HostConfig.ExtraHosts",
    effect: "replace",
    ...list,
    unordered: true,
    write: (hosts, body) => {
      body.HostConfig.ExtraHosts = hosts.map(({ host, ip }) => `${host}:${ip}`);
    },
    read: (live) =>
      orNothing(
        ((live.HostConfig.ExtraHosts ?? []) as string[]).map((entry) => {
          const colon = entry.indexOf(":");
          return { host: entry.slice(0, colon), ip: entry.slice(colon + 1) };
        }),
      ),
  },
};

/** What the Engine API calls an endpoint's settings. */
export function endpointOf(attachment: Attachment): Record<string, unknown> {
  const { aliases, driverOpts, gwPriority, ipv4Address, ipv6Address, linkLocalIps, macAddress } = attachment;
  const addresses = {
    ...(ipv4Address && { IPv4Address: ipv4Address }),
    ...(ipv6Address && { IPv6Address: ipv6Address }),
    ...(linkLocalIps?.length && { LinkLocalIPs: linkLocalIps }),
  };
  return {
    ...(Object.keys(addresses).length > 0 && { IPAMConfig: addresses }),
    ...(aliases?.length && { Aliases: aliases }),
    ...(driverOpts?.length && {
      DriverOpts: Object.fromEntries(driverOpts.map((option) => split(option, "="))),
    }),
    ...(gwPriority !== undefined && { GwPriority: gwPriority }),
    ...(macAddress && { MacAddress: macAddress }),
  };
}

function attachmentOf(
  name: string,
  endpoint: Inspect["NetworkSettings"]["Networks"][string] & {
    DriverOpts?: Record<string, string> | null;
    GwPriority?: number;
  },
  id: string,
): Attachment {
  const ipam = (endpoint.IPAMConfig ?? {}) as Record<string, string & string[]>;
  // The engine adds the short id to the aliases that were asked for.
  const aliases = ((endpoint.Aliases ?? []) as string[]).filter((alias) => alias !== id.slice(0, 12));
  return {
    name,
    ...(aliases.length > 0 && { aliases }),
    ...(ipam["IPv4Address"] && { ipv4Address: ipam["IPv4Address"] }),
    ...(ipam["IPv6Address"] && { ipv6Address: ipam["IPv6Address"] }),
    ...(ipam["LinkLocalIPs"]?.length && { linkLocalIps: ipam["LinkLocalIPs"] }),
    ...(endpoint.GwPriority && { gwPriority: endpoint.GwPriority }),
    ...(endpoint.DriverOpts && {
      driverOpts: Object.entries(endpoint.DriverOpts).map(([key, value]) => `${key}=${value}`),
    }),
  };
}

/** From `80/tcp: [{HostIp, HostPort}]`, as it was asked for or as it came to be. */
export function boundPorts(bindings: unknown): Port[] {
  type Bindings = Record<string, { HostIp?: string; HostPort?: string }[] | null>;
  return Object.entries((bindings ?? {}) as Bindings)
    .sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1))
    .flatMap(([key, hosts]) => {
      const [internal, protocol] = split(key, "/");
      return (hosts ?? []).map(({ HostIp, HostPort }) => ({
        internal: Number(internal),
        ...(HostPort && { external: Number(HostPort) }),
        ip: HostIp || "0.0.0.0",
        protocol,
      }));
    });
}

function isNetwork(mode: string, settings: Inspect["NetworkSettings"]): boolean {
  return Object.entries(settings.Networks ?? {}).some(
    ([name, { NetworkID }]) => !["host", "none"].includes(name) && (mode === name || mode === NetworkID),
  );
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
