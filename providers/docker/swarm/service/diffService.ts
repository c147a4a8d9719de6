import { type Change, type DiffResult, differences, formatPath, isUnknown } from "../../../kit/index.js";
import { shapeChanges } from "../../shape.js";
import { serviceShape } from "./serviceShape.js";
import type { ServiceInputs } from "./types.js";

/** Swarm rolls out every change by itself, but for a service's name and for whether it is global. */
export function diffService(before: ServiceInputs, after: ServiceInputs): DiffResult {
  const modeChanged = isGlobal(before) !== isGlobal(after) && !isUnknown(after.mode);
  const own = (["auth", "convergeConfig", "name"] as const).flatMap((name) =>
    differences(before[name], after[name], [name]),
  );
  const changes = [...own, ...shapeChanges(serviceShape, before, after)].map(({ path, kind }): Change => {
    const replaces = path[0] === "name" || (path[0] === "mode" && modeChanged);
    return { path: formatPath(path), kind: replaces ? `${kind}-replace` : kind, inputDiff: true };
  });
  return { changes, deleteBeforeReplace: collide(before, after) };
}

function isGlobal({ mode }: ServiceInputs): boolean {
  return mode?.global === true;
}

/** Names, and ports of the swarm or of its machines, are taken while the old service exists. */
function collide(before: ServiceInputs, after: ServiceInputs): boolean {
  if (before.name !== undefined && before.name === after.name) return true;
  const taken = new Set(published(before));
  return published(after).some((port) => taken.has(port));
}

function published({ endpointSpec }: ServiceInputs): string[] {
  const ports = endpointSpec?.ports;
  if (!Array.isArray(ports)) return [];
  return ports.flatMap(({ publishedPort, protocol = "tcp" }) =>
    typeof publishedPort === "number" && publishedPort > 0 ? [`${publishedPort}/${protocol}`] : [],
  );
}
