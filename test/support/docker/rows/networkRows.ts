import type { NetworkInputs } from "../../../../providers/docker/network.js";
import type { Row } from "./row.js";

/** Every argument of a network. */
export function networkRows(): Row<NetworkInputs>[] {
  const row = (
    name: string,
    one: NetworkInputs,
    other: NetworkInputs,
    change: string[],
    more: Partial<Row<NetworkInputs>> = {},
  ): Row<NetworkInputs> => ({ type: "Network", name: `network-${name}`, one, other, change, ...more });
  return [
    row("name", { name: "net-one" }, { name: "net-two" }, ["name update-replace"]),
    row("driver", { driver: "overlay" }, { driver: "bridge" }, ["driver update-replace"]),
    row("attachable", { driver: "overlay", attachable: true }, { driver: "overlay" }, [
      "attachable update-replace",
    ]),
    row(
      "ingress",
      { name: "own", driver: "overlay", ingress: true },
      { name: "own", driver: "overlay" },
      ["ingress update-replace"],
      { alone: true },
    ),
    row("internal", { internal: true }, {}, ["internal update-replace"]),
    row(
      "ipamConfigs",
      {
        name: "addressed",
        ipamConfigs: [
          {
            subnet: "10.88.0.0/24",
            gateway: "10.88.0.1",
            ipRange: "10.88.0.128/25",
            auxAddress: { router: "10.88.0.5" },
          },
        ],
      },
      { name: "addressed", ipamConfigs: [{ subnet: "10.88.0.0/24", gateway: "10.88.0.1" }] },
      ["ipamConfigs[0].auxAddress delete-replace", "ipamConfigs[0].ipRange delete-replace"],
    ),
    row("ipamDriver", { ipamDriver: "berthtest" }, {}, ["ipamDriver update-replace"]),
    row("ipamOptions", { ipamOptions: { a: "1" } }, { ipamOptions: { a: "2" } }, [
      "ipamOptions.a update-replace",
    ]),
    row(
      "ipv6",
      { ipv6: true, ipamConfigs: [{ subnet: "fd00:66::/64" }] },
      { ipamConfigs: [{ subnet: "10.99.0.0/24" }] },
      ["ipamConfigs[0].subnet update-replace", "ipv6 update-replace"],
    ),
    row(
      "labels",
      {
        labels: [
          { label: "b", value: "2" },
          { label: "a", value: "1" },
        ],
      },
      {
        labels: [
          { label: "a", value: "1" },
          { label: "b", value: "3" },
        ],
      },
      ["labels[1].value update-replace"],
    ),
    row(
      "options",
      { options: { "com.docker.network.bridge.name": "br-one" } },
      { options: { "com.docker.network.bridge.name": "br-two" } },
      ['options["com.docker.network.bridge.name"] update-replace'],
    ),
  ];
}
