/** An IPv4 network; addresses are numbers of 32 bits. */
export interface Ipv4Network {
  readonly base: number;
  readonly prefixLength: number;
  /** Addresses in it, the network's own and the broadcast address included. */
  readonly size: number;
}

/** Four decimal numbers without leading zeros, as a number; undefined where it is not an address. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let address = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = address * 256 + Number(part);
  }
  return address;
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** `192.168.130.0/24`; undefined where it is not a network, which one with bits set in its host part is not. */
export function parseCidr(text: string): Ipv4Network | undefined {
  const [, address, length] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const base = address === undefined ? undefined : parseIpv4(address);
  const prefixLength = Number(length);
  if (base === undefined || prefixLength > 32) return undefined;
  const size = 2 ** (32 - prefixLength);
  return base % size === 0 ? { base, prefixLength, size } : undefined;
}

function contains(network: Ipv4Network, address: number): boolean {
  return address >= network.base && address < network.base + network.size;
}

/** Whether an address is one of a network's, written as `192.168.130.0/24`. */
export function inNetwork({ cidr }: { readonly cidr: string }, address: string | undefined): boolean {
  const [network, number] = [parseCidr(cidr), parseIpv4(address ?? "")];
  return network !== undefined && number !== undefined && contains(network, number);
}

export function overlap(one: Ipv4Network, other: Ipv4Network): boolean {
  return contains(one, other.base) || contains(other, one.base);
}
