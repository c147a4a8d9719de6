import type { SeedNetwork } from "./seed.js";
import { yaml } from "./userData.js";

/** A machine's network-config, version 2: the interface with its MAC address, whatever the kernel calls it, and static addresses. */
export function networkConfig(network: SeedNetwork): string {
  return yaml({
    version: 2,
    ethernets: {
      primary: {
        match: { macaddress: network.macAddress.toLowerCase() },
        dhcp4: false,
        dhcp6: false,
        "accept-ra": false,
        addresses: [
          `${network.address}/${network.prefixLength}`,
          ...(network.address6 === undefined ? [] : [network.address6]),
        ],
        routes: [
          { to: "0.0.0.0/0", via: network.gateway },
          ...(network.gateway6 === undefined ? [] : [{ to: "::/0", via: network.gateway6 }]),
        ],
        nameservers: { addresses: [...network.nameservers] },
      },
    },
  });
}
