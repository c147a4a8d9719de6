import { type Command, InvalidArgumentError } from "commander";
import type { Project } from "../project.js";
import type { StackOptions } from "../up.js";
import { withStack } from "../withStack.js";
import { cloneMachine } from "./cloneMachine.js";
import { type CreateBackupOptions, createBackup } from "./createBackup.js";
import { type ListBackupsOptions, listBackups } from "./listBackups.js";
import { type PruneBackupsOptions, pruneBackups } from "./pruneBackups.js";
import { type RestoreBackupOptions, restoreBackup } from "./restoreBackup.js";
import { type VerifyBackupsOptions, verifyBackups } from "./verifyBackups.js";

/** `berth backup …`, `berth restore` and `berth clone` */
export function backupCommands(berth: Command, project: Project): void {
  const group = berth.command("backup").description("backups of machines, in a repository outside of them");
  withRepository(withStack(group.command("create", { isDefault: true })))
    .description("back machines up, all as they are at one point in time; default: all of the stack's")
    .option("-m, --machine <names...>", "these machines", [])
    .action((options: CreateBackupOptions) => createBackup(project, options));
  withRepository(group.command("list"))
    .description("the backups, and which of them were verified")
    .option("--json", "for a program to read")
    .action((options: ListBackupsOptions) => listBackups(options));
  withRepository(withStack(group.command("verify")))
    .description("restore backups into throw-away machines without a network, and try them")
    .argument("[ids...]", "default: the newest of each machine, where it was not verified")
    .option("--hypervisor <name>", "where (default: the machine's own)")
    .action((ids: string[], options: VerifyBackupsOptions) => verifyBackups(project, ids, options));
  withRepository(group.command("prune"))
    .description("remove the backups of each machine that are too many; never the newest that was verified")
    .option("--keep-last <count>", "the newest", count, 3)
    .option("--keep-daily <count>", "the newest of each day", count, 7)
    .option("--keep-weekly <count>", "of each week", count, 4)
    .option("--keep-monthly <count>", "of each month", count, 12)
    .action((options: PruneBackupsOptions) => pruneBackups(options));
  withRepository(withStack(berth.command("restore")))
    .description("put a backup in the place of a machine's disks, and update the stack")
    .argument("<id>", "the backup's")
    .option("-m, --machine <name>", "another machine than the one that was backed up")
    .option("--unverified", "also where it was never verified")
    .action((id: string, options: RestoreBackupOptions) => restoreBackup(project, id, options));
  withStack(berth.command("clone"))
    .description("add a machine to the stack with what is on another one's disks, and an identity of its own")
    .argument("<machine>")
    .argument("<name>", "the new one's")
    .action((source: string, name: string, options: StackOptions) =>
      cloneMachine(project, source, name, options),
    );
}

function withRepository(command: Command): Command {
  return command
    .option("--to <where>", "the repository: a folder, or s3://bucket/prefix (default: BERTH_BACKUP_TO)")
    .option("--passphrase-file <path>", "of an encrypted one (default: BERTH_BACKUP_PASSPHRASE)");
}

function count(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("write a whole number, 0 or more.");
  return Number(text);
}
