import { createHmac } from "node:crypto";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

/** Limits, which Docker sets and changes in place; to lift one takes another container. */
export const containerLimits = [
  "cpuPeriod",
  "cpuQuota",
  "cpuSet",
  "cpuShares",
  "cpus",
  "memory",
  "memoryReservation",
  "memorySwap",
] as const satisfies readonly (keyof docker.ContainerArgs)[];

/** What a change of does not replace a container. */
const inPlace = new Set<string>([
  ...containerLimits,
  "restart",
  "maxRetryCount",
  "name",
  "start",
  "mustRun",
  "attach",
  "logs",
  "wait",
  "waitTimeout",
  "destroyGraceSeconds",
  "removeVolumes",
  "containerReadRefreshTimeoutMilliseconds",
] satisfies (keyof docker.ContainerArgs)[]);

/** Lists whose order says nothing. */
const unordered = new Set<string>([
  "envs",
  "labels",
  "ports",
  "securityOpts",
] satisfies (keyof docker.ContainerArgs)[]);

/**
 * A mark of all that a container is made from, its host ports and its limits left out: another mark means another container. Unknown in
 * a preview as long as one of the arguments is.
 *
 * @param key secret, so that the mark tells nothing of the arguments, whoever guesses at them.
 */
export function revisionOf(args: docker.ContainerArgs, key: pulumi.Input<string>): pulumi.Output<string> {
  const revision = pulumi.all([pulumi.output(args), key]).apply(([known, secret]) =>
    createHmac("sha256", secret)
      .update(JSON.stringify(essence(known)))
      .digest("hex")
      .slice(0, 16),
  );
  // The key and secrets in the environment went into it, and none can be found out from it: 64 bits of a keyed digest.
  // As a secret it would hide the container's labels and ports, and with them HAProxy's whole configuration.
  return pulumi.unsecret(revision);
}

function essence(args: object): unknown {
  return sorted(
    Object.fromEntries(
      Object.entries(args)
        .filter(([name]) => !inPlace.has(name))
        .map(([name, value]) => {
          if (!unordered.has(name) || !Array.isArray(value)) return [name, value];
          const list = name === "ports" ? value.map(({ external: _, ...port }) => port) : value;
          return [name, list.map((one) => JSON.stringify(sorted(one))).sort()];
        }),
    ),
  );
}

/** The same value with its members in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
