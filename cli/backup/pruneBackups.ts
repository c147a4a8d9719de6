import { say } from "../say.js";
import { openRepository, type RepositoryOptions } from "./openRepository.js";
import { type Retention, toRemove } from "./repository/retention.js";

export interface PruneBackupsOptions extends RepositoryOptions {
  readonly keepLast: number;
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly keepMonthly: number;
}

/** Removes the backups that are too many, and what only they have. */
export async function pruneBackups(options: PruneBackupsOptions): Promise<void> {
  const repository = await openRepository(options);
  const retention: Retention = {
    last: options.keepLast,
    daily: options.keepDaily,
    weekly: options.keepWeekly,
    monthly: options.keepMonthly,
  };
  await repository.exclusively("berth backup prune", async () => {
    const verified = new Set((await repository.verifications()).keys());
    const gone = toRemove(await repository.backups(), retention, verified);
    const chunks = await repository.remove(gone.map(({ id }) => id));
    for (const { id } of gone) process.stdout.write(`${id}\n`);
    say(`Removed ${gone.length} backups and ${chunks} chunks that no other has.`);
  });
}
