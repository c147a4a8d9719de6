/// <reference lib="es2024.string" />
import { isPropertyMap, type Property, Secret, unwrap } from "./property.js";

/** Anything shorter would blank parts of ordinary words. */
const shortest = 4;

/** Every text inside a secret, at any depth. */
export function secretTexts(value: Property): string[] {
  return collect(value, false);
}

function collect(value: Property, secret: boolean): string[] {
  if (value instanceof Secret) return collect(unwrap(value), true);
  if (typeof value === "string") return secret ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((element) => collect(element, secret));
  return isPropertyMap(value) ? Object.values(value).flatMap((member) => collect(member, secret)) : [];
}

/**
 * Makes a function that puts `[secret]` where a text holds a secret of these values: as it is, line by line (a key that is
 * printed with an indent), and as JSON, URLs and base64 write it.
 */
export function redactor(sources: readonly Property[]): (text: string) => string {
  const needles = new Set(sources.flatMap(secretTexts).flatMap(spellings));
  // Longest first, so that no rest of a longer secret stays behind a shorter one.
  const ordered = [...needles].filter((text) => text.length >= shortest).sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((rest, needle) => rest.replaceAll(needle, "[secret]"), text);
}

function spellings(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const all = [
    text,
    text.trim(),
    ...lines,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
  ];
  return text.length < shortest ? all : [...all, Buffer.from(text).toString("base64")];
}
