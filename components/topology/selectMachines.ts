import { type Issues, type Path, show } from "./issues.js";
import { choose } from "./references.js";
import type { MachineSpec } from "./topology.js";

/** Names of the machines that a service may run on: all, the ones in the list, or the ones that have all the labels. */
export function selectMachines(
  selection: readonly string[] | Readonly<Record<string, string>> | undefined,
  at: Path,
  machines: readonly MachineSpec[],
  issues: Issues,
): string[] {
  const all = machines.map((machine) => machine.name);
  if (all.length === 0) {
    issues.add(at, "there is no machine; add one under berth:machines.");
  } else if (selection === undefined) {
    return all;
  } else if (Array.isArray(selection)) {
    if (selection.length === 0) issues.add(at, "names no machine; name one, or remove it for all machines.");
    for (const [index, name] of selection.entries()) {
      choose(issues, [...at, index], name, "machines", all);
    }
    return all.filter((name) => selection.includes(name));
  } else {
    const labels = Object.entries(selection);
    const found = machines.filter((machine) => labels.every(([key, value]) => machine.labels[key] === value));
    if (found.length === 0) {
      issues.add(at, `no machine has the labels ${show(selection)}; add them to "labels" of one.`);
    }
    return found.map((machine) => machine.name);
  }
  return [];
}
