import { listSnapshots as listOf } from "../../providers/berth/snapshot/listSnapshots.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import type { Project } from "../project.js";
import { setup } from "../setup.js";
import { stackMachines } from "../stackMachines.js";
import { table } from "../table.js";
import type { StackOptions } from "../up.js";

export interface ListSnapshotsOptions extends StackOptions {
  readonly json?: boolean;
}

const limitMs = 60_000;

/** Prints the snapshots of a stack's machines, those that were declared too. */
export async function listSnapshots(project: Project, options: ListSnapshotsOptions): Promise<void> {
  const ready = await setup(project, []);
  const { machines } = await stackMachines(project, ready, options);
  const rows = [];
  for (const { spec, uri, domain } of machines) {
    if (domain === undefined) continue;
    const found = await Libvirt.with(uri, AbortSignal.timeout(limitMs), (libvirt) => listOf(libvirt, domain));
    for (const one of found ?? []) rows.push({ machine: spec.name, ...one });
  }
  const text = options.json
    ? JSON.stringify(rows, null, 2)
    : table(
        ["snapshot", "machine", "taken", "relied on as", "description"],
        rows.map(({ name, machine, taken, consistency, memory, description }) => [
          name,
          machine,
          taken,
          consistency ?? (memory ? "memory" : "unknown"),
          description,
        ]),
      );
  process.stdout.write(`${text}\n`);
}
