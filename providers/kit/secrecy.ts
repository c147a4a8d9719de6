import { containsSecret, isPropertyMap, type Property, type PropertyMap, Secret } from "./property.js";
import { secretTexts } from "./redact.js";

/** Shorter texts are too likely to be found by chance in an output that is no secret. */
const tellingLength = 8;

/**
 * What a handler is given: secrets unwrapped, and members that are null left out, since to a program null and unset are
 * one and the same.
 */
export function reveal(properties: PropertyMap): Record<string, any> {
  return revealValue(properties) as Record<string, any>;
}

function revealValue(value: Property): unknown {
  if (value instanceof Secret) return revealValue(value.value);
  if (Array.isArray(value)) return value.map(revealValue);
  if (!isPropertyMap(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, revealValue(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== null));
}

/**
 * The reverse, for what a handler gives back. Secret becomes
 * - what has the name of something secret in one of the `sources`: member by member where both are objects, otherwise as a
 *   whole (elements of a list may have moved);
 * - what is named in `names`;
 * - a text that holds a secret text of the sources, wherever it is.
 */
export function conceal(
  plain: object,
  sources: readonly PropertyMap[],
  names: readonly string[] = [],
): PropertyMap {
  const telling = sources.flatMap(secretTexts).filter((text) => text.length >= tellingLength);
  let result = hideTexts(plain as PropertyMap, telling) as PropertyMap;
  for (const source of sources) result = hideLike(result, source);
  return mapMembers(result, (value, name) => (names.includes(name) ? wrap(value) : value));
}

function hideLike(target: PropertyMap, source: PropertyMap): PropertyMap {
  return mapMembers(target, (value, name) => {
    const like = Object.hasOwn(source, name) ? source[name] : undefined;
    if (isPropertyMap(value) && isPropertyMap(like)) return hideLike(value, like);
    return containsSecret(like) ? wrap(value) : value;
  });
}

function hideTexts(value: Property, telling: readonly string[]): Property {
  if (telling.length === 0) return value;
  if (typeof value === "string") return telling.some((text) => value.includes(text)) ? wrap(value) : value;
  if (Array.isArray(value)) return value.map((element) => hideTexts(element, telling));
  return isPlainMap(value) ? mapMembers(value, (member) => hideTexts(member, telling)) : value;
}

// Other objects (a Date, a Buffer) are left for `encode` to refuse.
function isPlainMap(value: Property): value is PropertyMap {
  return isPropertyMap(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function wrap(value: Property): Property {
  return value === undefined || value instanceof Secret ? value : new Secret(value);
}

function mapMembers(map: PropertyMap, change: (value: Property, name: string) => Property): PropertyMap {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value, name)]));
}
