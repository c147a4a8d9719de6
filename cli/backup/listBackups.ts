import { formatSize } from "@berth/components/topology";
import { table } from "../table.js";
import { openRepository, type RepositoryOptions } from "./openRepository.js";

export interface ListBackupsOptions extends RepositoryOptions {
  readonly json?: boolean;
}

/** Prints a repository's backups, and of each whether it was tried. */
export async function listBackups(options: ListBackupsOptions): Promise<void> {
  const repository = await openRepository(options);
  const verified = await repository.verifications();
  const rows = (await repository.backups()).map((backup) => {
    const { id, set, stack, machine, taken, consistency, added, disks } = backup;
    const bytes = Object.values(disks).reduce((sum, disk) => sum + disk.bytes, 0);
    const when = verified.get(id)?.when;
    return {
      id,
      set,
      stack,
      machine,
      taken,
      consistency,
      bytes,
      added,
      ...(when !== undefined && { verified: when }),
    };
  });
  const text = options.json
    ? JSON.stringify(rows, null, 2)
    : table(
        ["backup", "machine", "consistency", "disks", "added", "verified"],
        rows.map(({ id, machine, consistency, bytes, added, verified: when }) => [
          id,
          machine,
          consistency,
          formatSize(bytes),
          formatSize(added),
          when ?? "NOT VERIFIED",
        ]),
      );
  process.stdout.write(`${text}\n`);
}
