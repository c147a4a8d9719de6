import type { NetworkSpec } from "./topology.js";

/** Whose an address is that no machine can have: the hypervisor's or, where that is another one, the gateway's. */
export function ownerWords({ address }: Pick<NetworkSpec, "address">, which: string): string {
  return which === address ? "the hypervisor's own address" : "the network's gateway";
}
