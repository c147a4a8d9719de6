import type { VolumeInputs } from "../../../../providers/docker/volume.js";
import type { Row } from "./row.js";

const cluster = {
  limitBytes: "2GiB",
  requiredBytes: "128MiB",
  scope: "multi",
  sharing: "onewriter",
  topologyPreferred: "zone=Z1",
  topologyRequired: "region=R1,zone=Z2",
  type: "mount",
};

/** Every argument of a volume. Those of the swarm are looked at without the plugin that would make them. */
export function volumeRows(): Row<VolumeInputs>[] {
  const row = (
    name: string,
    one: VolumeInputs,
    other: VolumeInputs,
    change: string[],
    more: Partial<Row<VolumeInputs>> = {},
  ): Row<VolumeInputs> => ({ type: "Volume", name: `volume-${name}`, one, other, change, ...more });
  return [
    row("name", { name: "volume-one" }, { name: "volume-two" }, ["name update-replace"]),
    row("driver", { driver: "local" }, { driver: "berthtest" }, ["driver update-replace"]),
    row(
      "driverOpts",
      { driverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" } },
      { driverOpts: { type: "tmpfs", device: "tmpfs", o: "size=2m" } },
      ["driverOpts.o update-replace"],
    ),
    row(
      "cluster",
      { name: "cluster-one", driver: "csi", cluster: { ...cluster, id: "", availability: "active" } },
      { name: "cluster-one", driver: "csi", cluster: { ...cluster, availability: "pause" } },
      ["cluster.availability update"],
      { api: 42 },
    ),
    row(
      "cluster-group",
      { driver: "csi", cluster: { ...cluster, group: "one" } },
      { driver: "csi", cluster: { ...cluster, group: "two" } },
      ["cluster.group update-replace"],
      { api: 42 },
    ),
    row("labels", { labels: [{ label: "a", value: "1" }] }, { labels: [] }, ["labels[0] delete-replace"]),
  ];
}
