import { join } from "node:path";
import type { Topology } from "@berth/components/topology";
import type { BalancerTarget } from "../providers/berth/haproxy/whileAway.js";
import type { DockerTarget } from "../providers/connection/index.js";
import type { Project } from "./project.js";

/** The account that Berth has in its machines. */
const account = "berth";

/** Where the HAProxy of each load balancer of a stack is found: on a hypervisor's engine, or in one or several machines. */
export function balancersOf(project: Project, topology: Topology): BalancerTarget[] {
  const { stack, loadBalancers, hypervisors } = topology;
  return loadBalancers.flatMap(({ name, hypervisor, machines }) => {
    const labels = { "berth.loadBalancer": name, "berth.stack": stack };
    if (machines.length > 0) {
      return machines.map((machine) => ({ docker: dockerIn(project, topology, machine), labels }));
    }
    const { dockerHost } = hypervisors.find((one) => one.name === hypervisor)!;
    return [{ docker: { host: dockerHost }, labels }];
  });
}

/** Whether some are in machines, which a lab's network alone reaches. */
export function runsInMachines({ loadBalancers }: Topology): boolean {
  return loadBalancers.some(({ machines }) => machines.length > 0);
}

/** With the keys that the last update has written. */
function dockerIn({ home }: Project, { stack, machines }: Topology, name: string): DockerTarget {
  const { address } = machines.find((one) => one.name === name)!;
  const files = join(home, "ssh", stack, name);
  return {
    host: `ssh://${account}@${address}`,
    sshOpts: [
      "-i",
      `${files}.key`,
      "-o",
      `UserKnownHostsFile=${files}.known_hosts`,
      "-o",
      "StrictHostKeyChecking=yes",
    ],
  };
}
