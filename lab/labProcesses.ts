import type { Lab } from "./lab.js";
import { namespaceId, type ProcessInfo, parentOf, processes } from "./processes.js";

/** The lab's first process, which holds its namespaces; undefined where the lab does not run. */
export function labInit(lab: Lab): ProcessInfo | undefined {
  const net = namespaceId(lab.netns);
  // Containers have first processes too, deeper down.
  return processes()
    .filter((p) => p.net === net && p.innerPid === 1 && p.depth > 0 && p.name === "tini")
    .sort((a, b) => a.depth - b.depth)[0];
}

/** The lab's own processes: its daemons, QEMU, its uplink and forwards, but nothing inside containers. */
export function labMembers(init: ProcessInfo): ProcessInfo[] {
  return processes().filter((p) => p.pidns === init.pidns);
}

/** All processes in the lab's network namespace, except this one and those it descends from. */
export function labOccupants(lab: Lab): ProcessInfo[] {
  const net = namespaceId(lab.netns);
  const spared = new Set<number>();
  for (let pid = process.pid; pid > 0; pid = parentOf(pid)) {
    spared.add(pid);
  }
  return processes().filter((p) => p.net === net && !spared.has(p.pid));
}
