import { alivePort } from "./topology/index.js";

export interface KeepalivedGroup {
  /** The address that one of the machines has at a time. */
  readonly address: string;
  /** Length of the network's prefix. */
  readonly prefixLength: number;
  /** VRRP's number of the group, 1 to 255. */
  readonly routerId: number;
  /** Between two signs of life. */
  readonly intervalMs: number;
  /** The machines' own addresses, the one that is to be active first. */
  readonly members: readonly string[];
}

/**
 * keepalived's configuration on one of a group's machines; `@interface@` stands for its interface.
 *
 * VRRP version 3: version 2 counts in whole seconds, too slow for a takeover within three. Its password went with version 2, and
 * was sent in clear text; what protects instead is that signs of life are taken from the peers by name alone, and only with the hop
 * limit that no router leaves as it is: from the machines' own network.
 *
 * HAProxy is asked every second, and the check itself asks twice before it fails: at once where HAProxy is gone, and only after 4 s where
 * it is slow, as a machine whose processor is busy must not give up the address. The limit is there for a check that hangs.
 */
export function keepalivedConfig(group: KeepalivedGroup, own: string): string {
  const { address, prefixLength, routerId, intervalMs, members } = group;
  const peers = members.filter((one) => one !== own);
  return `global_defs {
    vrrp_version 3
    enable_script_security
    script_user root
    vrrp_garp_master_refresh 10
}

vrrp_script haproxy {
    script "/bin/sh /check.sh ${alivePort(group)}"
    interval 1
    timeout 6
    fall 1
    rise 2
}

vrrp_instance berth {
    state BACKUP
    nopreempt
    interface @interface@
    virtual_router_id ${routerId}
    priority ${200 - members.indexOf(own)}
    advert_int ${intervalMs / 1000}
    unicast_src_ip ${own}
    unicast_ttl 255
    unicast_peer {
${peers.map((peer) => `        ${peer} min_ttl 255 max_ttl 255`).join("\n")}
    }
    virtual_ipaddress {
        ${address}/${prefixLength}
    }
    track_script {
        haproxy
    }
}
`;
}
