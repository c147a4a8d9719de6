import type * as docker from "@pulumi/docker";
import { type CheckFailure, hasUnknown } from "../kit/index.js";
import { splitPair } from "./fields.js";
import type { Plain } from "./plain.js";

type ClusterInputs = NonNullable<Plain<docker.VolumeArgs>["cluster"]>;

/** A volume of the swarm, which a CSI plugin makes, as the Engine API tells it. */
export interface EngineClusterVolume {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ClusterVolumeSpec;
  /** Absent until the plugin has made it. */
  readonly Info?: { readonly VolumeID?: string } | null;
}

interface ClusterVolumeSpec {
  readonly Group?: string;
  readonly AccessMode: {
    readonly Scope?: string | undefined;
    readonly Sharing?: string | undefined;
    readonly MountVolume?: object;
    readonly BlockVolume?: object;
  };
  readonly AccessibilityRequirements?: {
    readonly Requisite?: readonly Topology[] | null;
    readonly Preferred?: readonly Topology[] | null;
  } | null;
  readonly CapacityRange?: { readonly RequiredBytes?: number; readonly LimitBytes?: number } | null;
  readonly Availability?: string | undefined;
}

interface Topology {
  readonly Segments: Readonly<Record<string, string>>;
}

const words = {
  availability: ["active", "pause", "drain"],
  scope: ["single", "multi"],
  sharing: ["none", "readonly", "onewriter", "all"],
  type: ["block", "mount"],
} as const;
const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
/** What is taken where the program says nothing. */
const standard = { availability: "active", group: "", scope: "single", sharing: "none", type: "block" };

/** The first minor version of the Engine API with volumes of the swarm (Docker Engine 23.0). */
export const clusterVolumesSince = 42;

export function checkCluster(cluster: ClusterInputs | undefined): CheckFailure[] {
  if (!cluster || typeof cluster !== "object") return [];
  const failures: CheckFailure[] = [];
  for (const [name, allowed] of Object.entries(words)) {
    const value = cluster[name as keyof typeof words];
    if (value === undefined || hasUnknown(value) || (allowed as readonly string[]).includes(value)) continue;
    failures.push({ property: `cluster.${name}`, reason: `"${value}" is none of ${allowed.join(", ")}` });
  }
  for (const name of ["requiredBytes", "limitBytes"] as const) {
    const value = cluster[name];
    if (value === undefined || hasUnknown(value) || bytes(value) !== undefined) continue;
    failures.push({
      property: `cluster.${name}`,
      reason: `"${value}" is not a size such as "128MiB" or "2GiB"`,
    });
  }
  return failures;
}

/** With what is taken where nothing is said, and sizes in bytes: for comparing. The id is the swarm's own. */
export function canonicalCluster(cluster: ClusterInputs | undefined): unknown {
  if (!cluster || typeof cluster !== "object") return cluster;
  const { id: _, requiredBytes, limitBytes, ...rest } = cluster;
  return {
    ...standard,
    ...rest,
    ...(requiredBytes !== undefined && { requiredBytes: bytes(requiredBytes) ?? requiredBytes }),
    ...(limitBytes !== undefined && { limitBytes: bytes(limitBytes) ?? limitBytes }),
  };
}

export function clusterSpec(cluster: ClusterInputs): ClusterVolumeSpec {
  const { group, requiredBytes, limitBytes, topologyPreferred, topologyRequired } = cluster;
  const { availability, scope, sharing, type } = { ...standard, ...cluster };
  const range = {
    ...(requiredBytes !== undefined && { RequiredBytes: bytes(requiredBytes) as number }),
    ...(limitBytes !== undefined && { LimitBytes: bytes(limitBytes) as number }),
  };
  return {
    Group: group ?? "",
    AccessMode: {
      Scope: scope,
      Sharing: sharing,
      ...(type === "mount" ? { MountVolume: {} } : { BlockVolume: {} }),
    },
    ...((topologyRequired || topologyPreferred) && {
      AccessibilityRequirements: {
        ...(topologyRequired && { Requisite: [topology(topologyRequired)] }),
        ...(topologyPreferred && { Preferred: [topology(topologyPreferred)] }),
      },
    }),
    ...(Object.keys(range).length > 0 && { CapacityRange: range }),
    Availability: availability,
  };
}

/** The inputs that would describe it; what is taken anyway is left out. */
export function clusterInputs({ ID, Spec }: EngineClusterVolume): ClusterInputs {
  const { AccessMode, AccessibilityRequirements, CapacityRange } = Spec;
  const found = {
    availability: Spec.Availability,
    group: Spec.Group,
    scope: AccessMode.Scope,
    sharing: AccessMode.Sharing,
    type: AccessMode.MountVolume ? "mount" : "block",
    requiredBytes: sizeText(CapacityRange?.RequiredBytes),
    limitBytes: sizeText(CapacityRange?.LimitBytes),
    topologyRequired: topologyText(AccessibilityRequirements?.Requisite?.[0]),
    topologyPreferred: topologyText(AccessibilityRequirements?.Preferred?.[0]),
  };
  const told = Object.entries(found).filter(
    ([name, value]) => value !== undefined && value !== (standard as Record<string, string>)[name],
  );
  return { id: ID, ...Object.fromEntries(told) };
}

function bytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGTP]i?B|B)?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, number, unit = "B"] = match;
  const power = units.findIndex((name) => name[0]?.toLowerCase() === unit[0]?.toLowerCase()) + 1;
  return Math.round(Number(number) * 1024 ** power);
}

/** In the largest unit that it is a whole number of. */
function sizeText(value: number | undefined): string | undefined {
  if (!value) return undefined;
  let [size, unit] = [value, "B"];
  for (const larger of units) {
    if (size % 1024 !== 0) break;
    [size, unit] = [size / 1024, larger];
  }
  return `${size}${unit}`;
}

/** `region=R1,zone=Z2`, as with `docker volume create --topology-required`. */
function topology(text: string): Topology {
  return { Segments: Object.fromEntries(text.split(",").map((pair) => splitPair(pair.trim()))) };
}

function topologyText(found: Topology | undefined): string | undefined {
  return (
    found &&
    Object.entries(found.Segments)
      .map(([key, value]) => `${key}=${value}`)
      .join(",")
  );
}
