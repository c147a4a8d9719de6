import { z } from "zod";
import { parseCidr, parseIpv4 } from "./ipv4.js";
import { parseCidr6 } from "./ipv6.js";
import { show } from "./issues.js";
import { parseDuration, parseSize } from "./quantities.js";

/** The kinds of value that the configuration's fields have; each says in one line what it wants. */

export function text(what: string) {
  const error = ({ input }: { input?: unknown }) => `${show(input)} is not ${what}.`;
  return z.string({ error }).regex(/^[^\p{Cc}]+$/u, { error });
}

export function matching(pattern: RegExp, what: string) {
  const error = ({ input }: { input?: unknown }) => `${show(input)} is not ${what}.`;
  return z.string({ error }).regex(pattern, { error });
}

export function integer(least: number, most: number, what: string) {
  const error = ({ input }: { input?: unknown }) =>
    `${show(input)} is not ${what}; write a whole number from ${least} to ${most}.`;
  return z.int({ error }).gte(least, { error }).lte(most, { error });
}

/** A number that may have a fraction. */
export function amount(least: number, what: string) {
  const error = ({ input }: { input?: unknown }) =>
    `${show(input)} is not ${what}; write a number of ${least} or more.`;
  return z.number({ error }).gte(least, { error });
}

export function port() {
  return integer(1, 65535, "a TCP port");
}

export function flag() {
  return z.boolean({ error: ({ input }) => `${show(input)} is not true or false.` });
}

export function oneOf<const V extends readonly string[]>(values: V) {
  const options = values.map((value) => `"${value}"`).join(", ");
  return z.enum(values, { error: ({ input }) => `${show(input)} is none of ${options}.` });
}

export function size(least: string) {
  const fewest = parseSize(least) ?? 0;
  return z.unknown().transform((input, context): number => {
    const bytes = typeof input === "string" ? parseSize(input) : undefined;
    if (bytes === undefined) {
      const rule = `write a number and B, KiB, MiB, GiB or TiB, such as "512MiB".`;
      context.addIssue(`${show(input)} is not a size; ${rule}`);
      return z.NEVER;
    }
    if (bytes < fewest) {
      context.addIssue(`${show(input)} is too little; give ${least} or more.`);
      return z.NEVER;
    }
    return bytes;
  });
}

export function duration() {
  return z.unknown().transform((input, context): number => {
    const milliseconds = typeof input === "string" ? parseDuration(input) : undefined;
    if (milliseconds === undefined || milliseconds === 0) {
      context.addIssue(`${show(input)} is not a duration; write a number and ms, s, m or h, such as "30s".`);
      return z.NEVER;
    }
    return milliseconds;
  });
}

export function address() {
  const error = ({ input }: { input?: unknown }) => `${show(input)} is not an IPv4 address.`;
  return z.string({ error }).refine((value) => parseIpv4(value) !== undefined, { error });
}

export function cidr() {
  const error = ({ input }: { input?: unknown }) =>
    `${show(input)} is not an IPv4 network; write its first address and a prefix length from 8 to 28, such as "192.168.130.0/24".`;
  return z.string({ error }).refine(
    (value) => {
      const network = parseCidr(value);
      return network !== undefined && network.prefixLength >= 8 && network.prefixLength <= 28;
    },
    { error },
  );
}

/** Room for as many machines as an IPv4 network of prefix length 8 has. */
export function cidr6() {
  const error = ({ input }: { input?: unknown }) =>
    `${show(input)} is not an IPv6 network; write its first address and a prefix length from 16 to 104, such as "fd00:130::/64".`;
  return z.string({ error }).refine(
    (value) => {
      const network = parseCidr6(value);
      return network !== undefined && network.prefixLength >= 16 && network.prefixLength <= 104;
    },
    { error },
  );
}

/** A map to plain texts; numbers and truth values are taken as they are written. Values stay out of messages: they may be private. */
export function texts(keys: RegExp, what: string) {
  const value = z.union([z.string(), z.number(), z.boolean()], {
    error: `is not text; write text, a number, true or false.`,
  });
  return z.record(
    z.string().regex(keys, { error: ({ input }) => `${show(input)} is not ${what}.` }),
    value.transform(String),
    { error: `is not a map from ${what} to text.` },
  );
}

/** Any YAML map. */
export function anything(what: string) {
  return z.record(z.string(), z.unknown(), { error: `is not ${what}; write a map.` });
}

export function list(element: z.ZodType<string>, what: string) {
  return z.array(element, { error: ({ input }) => `${show(input)} is not a list of ${what}.` });
}

/** A map with these keys and no others; every one may be left out. */
export function fields<S extends z.core.$ZodLooseShape>(shape: S) {
  return z.strictObject(shape, { error: ({ input }) => `${show(input)} is not a map.` });
}
