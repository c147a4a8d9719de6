import { differences } from "./changes.js";
import { covers, formatPath, parsePath } from "./path.js";
import { containsSecret, type PropertyMap } from "./property.js";
import type { Change, ChangeKind, DiffRequest, DiffResult, ResourceHandler } from "./types.js";

type AnyHandler = ResourceHandler<any, any, any>;
type Plain = Record<string, any>;

/** The diff of a handler that has none of its own: new inputs against old ones, `replaceOn` deciding what replaces. */
export function defaultDiff(handler: AnyHandler, request: DiffRequest<Plain, Plain>): DiffResult {
  const changes = inputChanges(request.oldInputs, request.inputs, handler.replaceOn ?? []);
  return { changes, deleteBeforeReplace: handler.deleteBeforeReplace ?? false };
}

/** The changes between two sets of inputs; those of the names in `replaceOn` replace. The engine's own (`__…`) are skipped. */
export function inputChanges(before: Plain, after: Plain, replaceOn: readonly string[]): Change[] {
  return differences(before, after)
    .filter(({ path }) => !String(path[0]).startsWith("__"))
    .map(({ path, kind }) => ({
      path: formatPath(path),
      kind: replaceOn.includes(String(path[0])) ? (`${kind}-replace` as const) : kind,
      inputDiff: true,
    }));
}

/**
 * What the engine is told, from what a handler found: ignored properties are left out, and everything replaces where the
 * resource cannot be updated. An input that has only become a secret counts as an update, for the state still holds its
 * value in plain text.
 */
export function settleDiff(
  found: DiffResult,
  {
    updatable,
    ignoreChanges,
    oldInputs,
    inputs,
  }: {
    updatable: boolean;
    ignoreChanges: readonly string[];
    oldInputs: PropertyMap;
    inputs: PropertyMap;
  },
): DiffResult {
  const ignored = ignoreChanges.map(parsePath);
  const changes = found.changes
    .filter(({ path }) => !ignored.some((pattern) => covers(pattern, parsePath(path))))
    .map((change) => (updatable ? change : { ...change, kind: replacing(change.kind) }));
  const named = new Set(changes.map(({ path }) => String(parsePath(path)[0])));
  for (const name of becameSecret(oldInputs, inputs)) {
    if (!named.has(name)) changes.push({ path: formatPath([name]), kind: "update", inputDiff: true });
  }
  return { changes, deleteBeforeReplace: found.deleteBeforeReplace ?? false };
}

/** The inputs that are secret now and were known in plain text before. */
export function becameSecret(before: PropertyMap, after: PropertyMap): string[] {
  return Object.keys(after).filter(
    (name) => containsSecret(after[name]) && (before[name] ?? null) !== null && !containsSecret(before[name]),
  );
}

export function replaces(kind: ChangeKind): boolean {
  return kind.endsWith("-replace");
}

function replacing(kind: ChangeKind): ChangeKind {
  return replaces(kind) ? kind : (`${kind}-replace` as ChangeKind);
}
