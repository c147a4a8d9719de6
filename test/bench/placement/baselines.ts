import {
  type Assignment,
  type Problem,
  replicaKey,
  type ServiceRequest,
} from "../../../components/placement/index.js";

/** What others do, for comparison: one replica after another, none ever moved. They know what the bench's instances use. */
export const baselines = {
  /** Largest first, onto the first machine that has room. */
  "first-fit-decreasing": (problem: Problem) => greedy(problem, true, () => 0),
  /** Largest first, onto the machine that has the least left afterwards. */
  "best-fit": (problem: Problem) => greedy(problem, true, (free) => free),
  /** In the order they come, onto the machine with the most left, as Kubernetes' LeastAllocated score. */
  "least-allocated": (problem: Problem) => greedy(problem, false, (free) => -free),
} satisfies Record<string, (problem: Problem) => Assignment>;

/** @param rank of a machine with that share of it left free, CPU and memory on average; the least is taken. */
function greedy(problem: Problem, largestFirst: boolean, rank: (free: number) => number): Assignment {
  const hosts = problem.machines.map((machine) => ({
    machine,
    cpus: machine.capacity.cpus,
    memory: machine.capacity.memoryBytes,
    disk: machine.capacity.diskBytes,
    services: new Set<string>(),
  }));
  const { capacity } = problem.machines[0]!;
  const size = ({ requests: { cpus = 0, memoryBytes = 0 } = {} }: ServiceRequest) =>
    cpus / capacity.cpus + memoryBytes / capacity.memoryBytes;
  const services = [...problem.services];
  if (largestFirst) services.sort((one, other) => size(other) - size(one));
  const assignment: Record<string, string> = {};
  for (const service of services) {
    const { cpus = 0, memoryBytes = 0, diskBytes = 0 } = service.requests ?? {};
    const ssdOnly = service.rules !== undefined;
    for (let replica = 1; replica <= service.replicas; replica++) {
      let best: (typeof hosts)[number] | undefined;
      let least = Infinity;
      for (const host of hosts) {
        if (host.cpus + 1e-9 < cpus || host.memory < memoryBytes || host.disk < diskBytes) continue;
        if (ssdOnly && host.machine.labels?.["disk"] !== "ssd") continue;
        if (service.spread === "machine" && host.services.has(service.name)) continue;
        const free =
          (host.cpus - cpus) / host.machine.capacity.cpus +
          (host.memory - memoryBytes) / host.machine.capacity.memoryBytes;
        if (rank(free) < least) {
          least = rank(free);
          best = host;
        }
      }
      if (best === undefined) continue;
      best.cpus -= cpus;
      best.memory -= memoryBytes;
      best.disk -= diskBytes;
      best.services.add(service.name);
      assignment[replicaKey(service.name, replica)] = best.machine.name;
    }
  }
  return assignment;
}
