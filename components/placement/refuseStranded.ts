import type { Topology } from "../topology/index.js";
import { PlacementError } from "./placementError.js";
import { replicaKey } from "./problem.js";

/**
 * What keeps data on a machine can't leave it for another one, which has none of it.
 *
 * @param today where each replica is, by key
 * @throws PlacementError where a replica of a stateful service is on a machine that is not to run
 */
export function refuseStranded(topology: Topology, today: Readonly<Record<string, string>>): void {
  const off = topology.machines.filter(({ power }) => power !== "running");
  const stranded = topology.services
    .filter(({ stateful }) => stateful)
    .flatMap(({ name, replicas }) =>
      Array.from({ length: replicas }, (_, index) => replicaKey(name, index + 1)).flatMap((key) => {
        const machine = off.find((one) => one.name === today[key]);
        return machine === undefined ? [] : [{ name, key, machine }];
      }),
    );
  const [first] = stranded;
  if (first === undefined) return;
  const { name, machine } = first;
  throw new PlacementError(
    `service "${name}" keeps its data on the machine that it is on, and "power" of machine "${machine.name}" is "${machine.power}": ` +
      `${stranded.map(({ key }) => key).join(", ")} can't move without that data. ` +
      'Leave the machine running, lower "replicas", or set "stateful" to false to start anew elsewhere.',
  );
}
