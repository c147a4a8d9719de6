import { isIPv6 } from "node:net";

/** An IPv6 network; addresses are numbers of 128 bits. */
export interface Ipv6Network {
  readonly base: bigint;
  readonly prefixLength: number;
}

const bits = 128;
const groups = 8;

/** An address as a number; undefined where it is not one, which one with a zone (`%eth0`) is not. */
export function parseIpv6(text: string): bigint | undefined {
  if (!isIPv6(text) || text.includes("%")) return undefined;
  // The last 32 bits may be written as an IPv4 address.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a, b, c, d] = parts.slice(0, 4).map(Number) as [number, number, number, number];
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [before = [], after] = plain.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = Array.from({ length: groups - before.length - (after?.length ?? 0) }, () => "0");
  return [...before, ...(after === undefined ? [] : zeros), ...(after ?? [])].reduce(
    (number, group) => number * 0x10000n + BigInt(`0x${group}`),
    0n,
  );
}

/** In the short form of RFC 5952. */
export function formatIpv6(address: bigint): string {
  const all = Array.from({ length: groups }, (_, index) =>
    ((address >> BigInt(16 * (groups - 1 - index))) & 0xffffn).toString(16),
  );
  // A URL's host is written in that form.
  return new URL(`http://[${all.join(":")}]/`).hostname.slice(1, -1);
}

/** `fd00:130::/64`; undefined where it is not a network, which one with bits set in its host part is not. */
export function parseCidr6(text: string): Ipv6Network | undefined {
  const [, address, length] = /^([\da-fA-F:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const base = address === undefined ? undefined : parseIpv6(address);
  const prefixLength = Number(length);
  if (base === undefined || prefixLength > bits) return undefined;
  return base % 2n ** BigInt(bits - prefixLength) === 0n ? { base, prefixLength } : undefined;
}
