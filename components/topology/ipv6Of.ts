import { parseCidr, parseIpv4 } from "./ipv4.js";
import { formatIpv6, parseCidr6 } from "./ipv6.js";

/** What a machine has of IPv6. */
export interface Ipv6Of {
  /** With prefix length, e.g. `fd00:130::11/64`. */
  readonly address6: string;
  /** Where it sends what is for outside. */
  readonly gateway6: string;
}

/**
 * A machine's IPv6 address, at the same place in its network as its IPv4 address: `192.168.130.17` of `192.168.130.0/24` →
 * `fd00:130::11` of `fd00:130::/64`. Undefined where there is no such network.
 *
 * @throws where `cidr6` is not an IPv6 network
 */
export function ipv6Of(
  { cidr, cidr6, gateway }: { readonly cidr: string; readonly cidr6?: string; readonly gateway: string },
  address: string,
): Ipv6Of | undefined {
  if (cidr6 === undefined) return undefined;
  const network = parseCidr6(cidr6);
  if (network === undefined) {
    throw new Error(`${JSON.stringify(cidr6)} is not an IPv6 network; write one such as "fd00:130::/64"`);
  }
  const { base, prefixLength } = network;
  const at = (one: string) => formatIpv6(base + BigInt(parseIpv4(one)! - parseCidr(cidr)!.base));
  return { address6: `${at(address)}/${prefixLength}`, gateway6: at(gateway) };
}
