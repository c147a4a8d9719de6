import { formatIpv4, parseCidr } from "./topology/ipv4.js";

/** The first address of an IPv4 network, which the hypervisor has itself where the network is its own: `192.168.130.0/24` → `192.168.130.1`. */
export function firstAddress(cidr: string): string {
  const network = parseCidr(cidr);
  if (network === undefined) {
    throw new Error(`${JSON.stringify(cidr)} is not an IPv4 network; write one such as "192.168.130.0/24"`);
  }
  return formatIpv4(network.base + 1);
}
