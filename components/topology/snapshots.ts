import type { Issues } from "./issues.js";
import { naturalOrder } from "./naturalOrder.js";
import type { Item } from "./readSection.js";
import type { MachineSpec, SnapshotSpec } from "./topology.js";

/** The snapshots; of every machine where none is named. */
export function resolveSnapshots(
  items: readonly Item<"snapshots">[],
  machines: readonly Pick<MachineSpec, "name">[],
  issues: Issues,
): SnapshotSpec[] {
  const known = machines.map(({ name }) => name);
  return items.map(({ name, at, value }) => {
    if (!/^[a-z]/.test(name)) {
      issues.add(at, "a snapshot's name begins with a letter, as QEMU takes a number for its own.");
    }
    if (value.machines?.length === 0) {
      issues.add([...at, "machines"], "is empty; name machines, or remove it for all of them.");
    }
    for (const [index, machine] of (value.machines ?? []).entries()) {
      if (!known.includes(machine))
        issues.unknown([...at, "machines", index], "machine", machine, known, "machines");
    }
    return {
      name,
      machines: [...new Set(value.machines ?? known)].sort(naturalOrder),
      description: value.description ?? "",
      memory: value.memory ?? false,
      ...(value.revert !== undefined && { revert: value.revert }),
    };
  });
}
