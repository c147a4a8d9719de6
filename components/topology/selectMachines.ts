import { type Issues, type Path, show } from "./issues.js";
import { choose } from "./references.js";
import { singular } from "./schema.js";
import type { MachineSpec } from "./topology.js";

/**
 * Names of the machines that a service may run on: all, the ones in the list, or the ones that have all the labels; of
 * these, the ones that run, are not drained, and whose taints it tolerates.
 */
export function selectMachines(
  selection: readonly string[] | Readonly<Record<string, string>> | undefined,
  tolerates: readonly string[] | undefined,
  at: Path,
  machines: readonly MachineSpec[],
  issues: Issues,
): string[] {
  const selected = select(selection, at, machines, issues);
  const running = machines.filter(({ name, power }) => selected.includes(name) && power === "running");
  const inUse = running.filter(({ drain }) => !drain);
  const kept = inUse.filter(({ taints }) => taints.every((taint) => tolerates?.includes(taint)));
  if (selected.length > 0 && running.length === 0) {
    issues.add(
      at,
      `no machine that may run it runs: ${selected.join(", ")}; set "power" of one to "running", or choose another.`,
    );
  } else if (selected.length > 0 && inUse.length === 0) {
    const drained = running.map(({ name }) => name).join(", ");
    issues.add(
      at,
      `every machine that may run it is drained: ${drained}. Use one of them again, or add another.`,
    );
  } else if (selected.length > 0 && kept.length === 0) {
    const taints = [...new Set(inUse.flatMap((one) => one.taints))];
    issues.add(
      [...at.slice(0, -1), "tolerates"],
      `every machine that may run it has a taint that it does not tolerate; add ${taints.join(" or ")}, or another machine.`,
    );
  }
  return kept.map(({ name }) => name);
}

function select(
  selection: readonly string[] | Readonly<Record<string, string>> | undefined,
  at: Path,
  machines: readonly MachineSpec[],
  issues: Issues,
): string[] {
  const all = machines.map((machine) => machine.name);
  if (all.length === 0) {
    issues.add(at, "there is no machine; add one under berth:machines.");
    return [];
  }
  return selection === undefined ? all : selectByNameOrLabel(selection, at, machines, "machines", issues);
}

/** Of machines or hypervisors, the ones in the list, or the ones that have all the labels. */
export function selectByNameOrLabel(
  selection: readonly string[] | Readonly<Record<string, string>>,
  at: Path,
  items: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[],
  section: "machines" | "hypervisors",
  issues: Issues,
): string[] {
  const kind = singular[section];
  const all = items.map(({ name }) => name);
  if (Array.isArray(selection)) {
    if (selection.length === 0)
      issues.add(at, `names no ${kind}; name one, or remove it for all ${section}.`);
    for (const [index, name] of selection.entries()) choose(issues, [...at, index], name, section, all);
    return all.filter((name) => selection.includes(name));
  }
  const labels = Object.entries(selection as Readonly<Record<string, string>>);
  const found = items.filter((item) => labels.every(([key, value]) => item.labels[key] === value));
  if (found.length === 0) {
    issues.add(at, `no ${kind} has the labels ${show(selection)}; add them to "labels" of one.`);
  }
  return found.map(({ name }) => name);
}
