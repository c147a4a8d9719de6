import { type PropertyMap, Secret } from "./property.js";
import { type ResourceHandler, unknown } from "./types.js";

type AnyHandler = ResourceHandler<any, any, any>;

/** The outputs that a creation will have as far as they are known: the inputs, and what only creation decides as unknown. */
export function previewCreate(handler: AnyHandler, inputs: PropertyMap): PropertyMap {
  const outputs: Record<string, PropertyMap[string]> = { ...inputs };
  for (const name of handler.computed ?? []) outputs[name] = outputs[name] ?? unknown;
  return withSecrets(handler, outputs);
}

/**
 * The outputs after an update: old ones, with the new inputs over them. What an input that is no longer given had decided
 * goes; a computed output stays, unless it is unstable.
 */
export function previewUpdate(
  handler: AnyHandler,
  state: PropertyMap,
  oldInputs: PropertyMap,
  inputs: PropertyMap,
): PropertyMap {
  const computed: readonly string[] = handler.computed ?? [];
  const outputs: Record<string, PropertyMap[string]> = {};
  for (const [name, value] of Object.entries(state)) {
    if (computed.includes(name) || !Object.hasOwn(oldInputs, name)) outputs[name] = value;
  }
  for (const name of handler.unstable ?? []) outputs[name] = unknown;
  return withSecrets(handler, { ...outputs, ...inputs });
}

function withSecrets(handler: AnyHandler, outputs: PropertyMap): PropertyMap {
  const names: readonly string[] = handler.secrets ?? [];
  const members = Object.entries(outputs).map(([name, value]) => [
    name,
    names.includes(name) && !(value instanceof Secret) ? new Secret(value) : value,
  ]);
  return Object.fromEntries(members);
}
