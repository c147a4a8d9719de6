import { formatDuration } from "../topology/index.js";

/**
 * One argument of a directive, quoted where HAProxy's configuration language would read more than its letters in it
 * (blanks, quotes, `#`, `$`, `\`, `%`). No value can end its line or become a second argument.
 *
 * @throws RangeError for nothing, which HAProxy takes as the end of the line, and for control characters, which no argument needs and no quoting makes safe.
 */
export function word(value: string): string {
  if (/\p{Cc}/u.test(value)) {
    throw new RangeError(
      `HAProxy: ${JSON.stringify(value)} holds a control character, such as the end of a line; remove it.`,
    );
  }
  if (value === "") throw new RangeError("HAProxy: an argument is empty; give it a value, or leave it out.");
  if (/^[A-Za-z0-9_.:/@,()=*+!<>?&;~[\]{}|^-]+$/.test(value)) return value;
  // Within single quotes everything stands for itself; a single quote itself stands outside of them, escaped.
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** The name of a section, ACL or server, as HAProxy takes them. */
export function sectionName(kind: string, value: string): string {
  if (!/^[A-Za-z0-9_.:-]+$/.test(value)) {
    throw new RangeError(
      `HAProxy: ${JSON.stringify(value)} is not a name of a ${kind}; use letters, digits, "-", "_", "." and ":".`,
    );
  }
  return value;
}

/** A whole number within bounds. */
export function number(what: string, value: number, least: number, most: number): string {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`HAProxy: ${what} is ${value}; use a whole number from ${least} to ${most}.`);
  }
  return String(value);
}

/** A duration, given in milliseconds, which HAProxy counts in 31 bits; written in the largest unit that divides it. */
export function duration(what: string, milliseconds: number): string {
  number(what, milliseconds, 1, 2 ** 31 - 1);
  return formatDuration(milliseconds);
}

/** A line of somebody's own: any text, but one line, and not the start of another section. */
function rawLine(line: string): string {
  if (/\p{Cc}/u.test(line.replaceAll("\t", " "))) {
    throw new RangeError(
      `HAProxy: the raw line ${JSON.stringify(line)} holds a control character; write one directive a line.`,
    );
  }
  const [first = ""] = line.trim().split(/\s+/);
  if (sections.has(first.replaceAll(/['"\\]/g, ""))) {
    throw new RangeError(
      `HAProxy: the raw line ${JSON.stringify(line)} would begin another section; remove it.`,
    );
  }
  return line.trim();
}

/** The title of a section that the model has no words for. */
export function rawSectionTitle(title: string): string {
  const [kind = "", ...rest] = title.split(" ");
  if (!sections.has(kind) || written.has(kind)) {
    throw new RangeError(
      `HAProxy: ${JSON.stringify(title)} is not the title of a section of its own; begin it with ${[...sections].filter((one) => !written.has(one)).join(", ")}.`,
    );
  }
  return [kind, ...rest.map((one) => sectionName("section", one))].join(" ");
}

/** An address and a port. */
export function endpoint(address: string, port: number): string {
  if (!/^(\*|[A-Za-z0-9_.-]+)$/.test(address)) {
    throw new RangeError(
      `HAProxy: ${JSON.stringify(address)} is not an address; use an IPv4 address, a host name or "*".`,
    );
  }
  return `${address}:${number("port", port, 1, 65535)}`;
}

export function optionLines(options: readonly string[] = []): string[] {
  return options.map((option) => `option ${words(option)}`);
}

/** Words that the model keeps in one text, with blanks between them. */
export function words(text: string): string {
  const parts = text.split(" ").filter((part) => part !== "");
  return (parts.length > 0 ? parts : [""]).map(word).join(" ");
}

/** A text where HAProxy expects a log format: a percent sign stands for itself. */
export function literalFormat(text: string): string {
  return text.replaceAll("%", "%%");
}

export function raw(lines: readonly string[] = []): string[] {
  return lines.map(rawLine);
}

/** A line of a section; `undefined`: none. */
export type Line = string | undefined;

export function optional<T>(value: T | undefined, line: (value: T) => Line): Line {
  return value === undefined ? undefined : line(value);
}

/** Sections that the model itself writes. */
const written = new Set(["global", "defaults", "frontend", "backend"]);
const sections = new Set([
  "global",
  "defaults",
  "frontend",
  "backend",
  "listen",
  "userlist",
  "peers",
  "mailers",
  "program",
  "resolvers",
  "ring",
  "cache",
  "http-errors",
  "fcgi-app",
  "log-forward",
]);
