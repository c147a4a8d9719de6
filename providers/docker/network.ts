import { isDeepStrictEqual } from "node:util";
import type * as docker from "@pulumi/docker";
import {
  type Call,
  differences,
  formatPath,
  hasUnknown,
  type Live,
  poll,
  type ResourceHandler,
} from "../kit/index.js";
import { autoName } from "./autoName.js";
import type { Configuration } from "./configuration.js";
import { createNamed, replacesUnfinished } from "./createNamed.js";
import { EngineError, ifExists } from "./engine/engineError.js";
import { labelList, labelMap, type Plain, urnLabel } from "./plain.js";

export type NetworkInputs = Plain<docker.NetworkArgs>;
export type NetworkState = Record<string, unknown> & { readonly name: string };

/** What "inspect a network" answers. */
export interface EngineNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly EnableIPv6: boolean;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options?: Readonly<Record<string, string>> | null;
    readonly Config?: readonly IpamConfig[] | null;
  };
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Containers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface IpamConfig {
  readonly Subnet?: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>;
}

const settleLimitMs = 30_000;

/** `docker:index/network:Network`. Docker can change nothing of a network: every change replaces it. */
export const network: ResourceHandler<NetworkInputs, NetworkState, Configuration> = {
  computed: ["name", "driver", "internal", "ipamConfigs", "options", "scope"],
  diff({ state, oldInputs, inputs }) {
    const unfinished = replacesUnfinished(state);
    if (unfinished) return unfinished;
    const [before, after] = [oldInputs, inputs].map(withDefaults);
    const found = differences(before, after).filter(
      ({ path }) => !leftToEngine(String(path[0]), state, oldInputs, inputs),
    );
    const changes = found.map(({ path, kind }) => ({
      path: formatPath(path),
      kind: `${kind}-replace` as const,
      inputDiff: true,
    }));
    return { changes, deleteBeforeReplace: collide(oldInputs, inputs) };
  },
  async create(inputs, call) {
    const { engine } = call.config;
    const name = inputs.name ?? autoName(call.urn);
    await freeName(name, call);
    const make = async () => {
      const { signal } = call;
      const body = networkBody(name, inputs, call.urn);
      const { Id } = await engine.call<{ Id: string }>("POST", "/networks/create", { signal, body });
      return settled(Id, call);
    };
    const remove = (own: Call<Configuration>) => freeName(name, own);
    const live = await createNamed({ what: "network", name, inputs, make, remove }, call);
    return { id: live.Id, state: stateOf(live, inputs) };
  },
  async read(
    id,
    state,
    inputs,
    { config: { engine }, signal },
  ): Promise<Live<NetworkInputs, NetworkState> | undefined> {
    const live = await ifExists(
      engine.call<EngineNetwork>("GET", `/networks/${encodeURIComponent(id)}`, { signal }),
    );
    if (!live) return undefined;
    if (state && inputs) return { id: live.Id, inputs, state };
    const imported = importedInputs(live);
    return { id: live.Id, inputs: imported, state: { ...stateOf(live, imported), imported: true } };
  },
  async delete(id, state, { config: { engine }, signal }) {
    try {
      await ifExists(engine.call("DELETE", `/networks/${id}`, { signal }));
    } catch (error) {
      if (!(error instanceof EngineError) || error.statusCode !== 403) throw error;
      const live = await engine.call<EngineNetwork>("GET", `/networks/${id}`, { signal });
      const names = Object.values(live.Containers ?? {}).map((container) => container["Name"]);
      throw new Error(
        `network "${state.name}" is still used by ${names.join(", ") || "containers"}. Remove or disconnect them first.`,
        { cause: error },
      );
    }
  },
};

/** A network of the swarm has its driver and its addresses a moment after it was made. */
async function settled(
  id: string,
  { config: { engine }, signal, status }: Call<Configuration>,
): Promise<EngineNetwork> {
  const look = () => engine.call<EngineNetwork>("GET", `/networks/${id}`, { signal });
  let live = await look();
  if (live.Driver !== "") return live;
  await poll({
    what: `network ${live.Name} to be given its driver by the swarm`,
    signal: AbortSignal.any([signal, AbortSignal.timeout(settleLimitMs)]),
    status,
    every: 100,
    until: async () => {
      live = await look();
      return live.Driver !== "";
    },
  });
  return live;
}

/**
 * Of a network that was imported nobody knows which of its addresses and options were asked for: a program that asks for none keeps
 * them, and so does one that asks for some of what there is.
 */
function leftToEngine(
  name: string,
  state: NetworkState,
  before: NetworkInputs,
  inputs: NetworkInputs,
): boolean {
  if (state["imported"] !== true) return false;
  if (name === "options") return inputs.options === undefined;
  if (name !== "ipamConfigs") return false;
  const { ipamConfigs = [] } = inputs;
  if (!Array.isArray(ipamConfigs) || hasUnknown(ipamConfigs)) return false;
  const there = before.ipamConfigs ?? [];
  return ipamConfigs.every((wanted) =>
    there.some((found) => isDeepStrictEqual({ ...found, ...wanted }, found)),
  );
}

function withDefaults(inputs: NetworkInputs | undefined): object {
  const { labels, ...rest } = inputs ?? {};
  const sorted = [...(Array.isArray(labels) ? labels : [])].sort((a, b) =>
    String(a.label) < String(b.label) ? -1 : 1,
  );
  const off = { attachable: false, ingress: false, internal: false, ipv6: false };
  return {
    driver: "bridge",
    ipamDriver: "default",
    ...off,
    ...rest,
    labels: Array.isArray(labels) ? sorted : labels,
  };
}

/** Names and subnets are taken while the old network exists. */
function collide(before: NetworkInputs, after: NetworkInputs): boolean {
  if (before.name !== undefined && before.name === after.name) return true;
  const subnets = (inputs: NetworkInputs) =>
    Array.isArray(inputs.ipamConfigs) ? inputs.ipamConfigs.map(({ subnet }) => subnet).filter(Boolean) : [];
  const taken = new Set(subnets(before));
  return subnets(after).some((subnet) => taken.has(subnet));
}

function networkBody(name: string, inputs: NetworkInputs, urn: string): object {
  const { ipamConfigs = [], ipamDriver, ipamOptions } = inputs;
  return {
    Name: name,
    CheckDuplicate: true,
    Driver: inputs.driver ?? "bridge",
    Internal: inputs.internal ?? false,
    Attachable: inputs.attachable ?? false,
    Ingress: inputs.ingress ?? false,
    EnableIPv6: inputs.ipv6 ?? false,
    Options: inputs.options ?? {},
    Labels: labelMap(inputs.labels, urn),
    ...((ipamConfigs.length > 0 || ipamDriver !== undefined || ipamOptions !== undefined) && {
      IPAM: {
        Driver: ipamDriver ?? "default",
        ...(ipamOptions && { Options: ipamOptions }),
        Config: ipamConfigs.map(({ subnet, ipRange, gateway, auxAddress }) => ({
          ...(subnet && { Subnet: subnet }),
          ...(ipRange && { IPRange: ipRange }),
          ...(gateway && { Gateway: gateway }),
          ...(auxAddress && { AuxiliaryAddresses: auxAddress }),
        })),
      },
    }),
  };
}

function stateOf(live: EngineNetwork, inputs: NetworkInputs): NetworkState {
  return {
    driver: live.Driver,
    internal: live.Internal,
    ipamConfigs: ipamConfigs(live),
    options: live.Options ?? {},
    scope: live.Scope,
    ...inputs,
    name: live.Name,
  };
}

export function ipamConfigs(live: EngineNetwork) {
  return (live.IPAM.Config ?? []).map(({ Subnet, IPRange, Gateway, AuxiliaryAddresses }) => ({
    ...(Subnet && { subnet: Subnet }),
    ...(IPRange && { ipRange: IPRange }),
    ...(Gateway && { gateway: Gateway }),
    ...(AuxiliaryAddresses && { auxAddress: { ...AuxiliaryAddresses } }),
  }));
}

function importedInputs(live: EngineNetwork): NetworkInputs {
  const labels = labelList(live.Labels);
  return {
    name: live.Name,
    driver: live.Driver,
    ...(live.Internal && { internal: true }),
    ...(live.Attachable && { attachable: true }),
    ...(live.Ingress && { ingress: true }),
    ...(live.EnableIPv6 && { ipv6: true }),
    ...(live.IPAM.Config?.length && { ipamConfigs: ipamConfigs(live) }),
    ...(live.IPAM.Driver !== "default" && { ipamDriver: live.IPAM.Driver }),
    ...(Object.keys(live.IPAM.Options ?? {}).length > 0 && { ipamOptions: { ...live.IPAM.Options } }),
    ...(Object.keys(live.Options ?? {}).length > 0 && { options: { ...live.Options } }),
    ...(labels.length > 0 && { labels }),
  };
}

/** What an interrupted creation of this same resource has left is removed; a network of somebody else's stays. */
async function freeName(
  name: string,
  { config: { engine }, signal, urn, log }: Call<Configuration>,
): Promise<void> {
  const filters = { name: [`^${name}$`] };
  const found = await engine.call<EngineNetwork[]>("GET", "/networks", { signal, query: { filters } });
  for (const { Id, Name, Labels } of found.filter(({ Name }) => Name === name)) {
    if (Labels?.[urnLabel] !== urn) {
      throw new EngineError(
        409,
        `the network name "${Name}" is taken by network ${Id.slice(0, 12)}, which was not created for this resource. ` +
          `Remove it, or adopt it: pulumi import docker:index/network:Network NAME ${Id.slice(0, 12)}`,
      );
    }
    log("info", `removing network ${Name}, which an interrupted creation has left`);
    await ifExists(engine.call("DELETE", `/networks/${Id}`, { signal }));
  }
}
