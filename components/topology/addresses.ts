import { hash } from "./hash.js";
import { formatIpv4, type Ipv4Network } from "./ipv4.js";

/** The lowest 16 addresses are left for the gateway and for whatever else an operator puts there. */
const kept = 16;

/**
 * A machine's default address: a function of its network and its name alone, so that it stays when others come and go.
 * Names that differ in their number only (`web-1`, `web-2`) get addresses in a row, and so never the same one.
 */
export function derivedAddress(network: Ipv4Network, name: string): string {
  const low = network.size > 2 * kept ? kept : 2;
  // Without the broadcast address.
  const count = network.size - 1 - low;
  return formatIpv4(network.base + low + (ordinal(name, "address") % count));
}

/** A machine's MAC address, in QEMU's own range; the stack tells machines of the same name on one hypervisor apart. */
export function derivedMac(stack: string, name: string): string {
  const bits = ordinal(name, `mac/${stack}`) % 2 ** 24;
  const bytes = [0x52, 0x54, 0x00, bits >>> 16, (bits >>> 8) & 255, bits & 255];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function ordinal(name: string, purpose: string): number {
  const [, stem = name, digits = "0"] = /^(.*?)(0|[1-9]\d{0,5})?$/.exec(name) ?? [];
  return hash(`${purpose}/${stem}`) + Number(digits);
}
