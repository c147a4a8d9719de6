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
export function rawLine(line: string): string {
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
