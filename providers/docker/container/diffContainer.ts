import { type Change, type DiffResult, differences, formatPath, hasUnknown } from "../../kit/index.js";
import { type Found, listChanges } from "../listChanges.js";
import { argumentEntries } from "./containerArguments.js";
import type { Argument, ContainerInputs } from "./types.js";

/** What changes between two sets of inputs, what of it needs a new container, and whether the old one is in its way. */
export function diffContainer(before: ContainerInputs, after: ContainerInputs): DiffResult {
  const changes = argumentEntries.flatMap(([name, argument]) => {
    const found = argumentChanges(name, argument, before[name], after[name]);
    const inPlace =
      argument.effect === "conduct" ||
      (argument.effect === "in place" && (argument.reachable?.(after[name]) ?? true));
    return found.map(
      ({ path, kind }): Change => ({
        path: formatPath(path),
        kind: inPlace ? kind : `${kind}-replace`,
        inputDiff: true,
      }),
    );
  });
  return { changes, deleteBeforeReplace: collide(before, after) };
}

function argumentChanges(name: string, argument: Argument<any>, before: unknown, after: unknown): Found[] {
  if (hasUnknown(after)) return differences(before, after, [name]);
  const canonical = argument.canonical ?? ((value: unknown) => value);
  const [old, now] = [canonical(before), canonical(after)];
  if (argument.unordered) return listChanges([name], old as unknown[], now as unknown[]);
  const found = differences(old, now, [name]);
  const onlyDefaults = before === undefined || after === undefined;
  if (found.length === 0 || !onlyDefaults) return found;
  return [{ path: [name], kind: before === undefined ? "add" : "delete" }];
}

/** Can the new container not exist beside the old one? */
function collide(before: ContainerInputs, after: ContainerInputs): boolean {
  if (before.name !== undefined && before.name === after.name) return true;
  // In the machine's own network the ports they listen on are not known, but those of one service are likely the same.
  if (before.networkMode === "host" && after.networkMode === "host") return true;
  return sharedPort(before, after) || sharedAddress(before, after);
}

function sharedPort(before: ContainerInputs, after: ContainerInputs): boolean {
  const everywhere = ["", "0.0.0.0", "::"];
  return fixed(before.ports).some((old) =>
    fixed(after.ports).some(({ external, protocol, ip }) => {
      const [one, other] = [old.ip ?? "", ip ?? ""];
      const samePlace = one === other || everywhere.includes(one) || everywhere.includes(other);
      return samePlace && external === old.external && (protocol || "tcp") === (old.protocol || "tcp");
    }),
  );
}

function sharedAddress(before: ContainerInputs, after: ContainerInputs): boolean {
  return fixed(before.networksAdvanced).some((old) =>
    fixed(after.networksAdvanced).some(
      ({ name, ipv4Address, ipv6Address, macAddress }) =>
        name === old.name &&
        [
          [ipv4Address, old.ipv4Address],
          [ipv6Address, old.ipv6Address],
          [macAddress, old.macAddress],
        ].some(([a, b]) => a !== undefined && a === b),
    ),
  );
}

/** Known elements that ask for something of their own; a port without `external` takes any that is free. */
function fixed<T extends object>(list: readonly T[] | undefined): T[] {
  if (!Array.isArray(list)) return [];
  return list.filter(
    (element) => !hasUnknown(element) && (!("internal" in element) || "external" in element),
  );
}
