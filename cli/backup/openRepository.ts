import { readFileSync } from "node:fs";
import { UserError } from "../say.js";
import { FolderStore } from "./repository/folderStore.js";
import { Repository } from "./repository/repository.js";
import type { Store } from "./repository/store.js";

export interface RepositoryOptions {
  /** A folder. Default: BERTH_BACKUP_TO. */
  readonly to?: string;
  /** File with the passphrase of an encrypted repository. Default: BERTH_BACKUP_PASSPHRASE. */
  readonly passphraseFile?: string;
}

/** Opens the repository that a command's options name; makes it where that is asked for. */
export async function openRepository(options: RepositoryOptions, make = false): Promise<Repository> {
  const where = options.to ?? process.env["BERTH_BACKUP_TO"];
  if (where === undefined || where === "") {
    throw new UserError("where the backups are is not said: give a folder with --to, or in BERTH_BACKUP_TO.");
  }
  return Repository.open(storeAt(where), passphraseOf(options), make ? {} : undefined);
}

function storeAt(where: string): Store {
  if (/^[a-z0-9+]+:\/\//i.test(where)) {
    throw new UserError(`"${where}" is not a folder, and backups go to folders.`);
  }
  return new FolderStore(where);
}

function passphraseOf({ passphraseFile }: RepositoryOptions): string | undefined {
  const { BERTH_BACKUP_PASSPHRASE: given } = process.env;
  const text =
    passphraseFile === undefined ? given : readFileSync(passphraseFile, "utf8").replace(/\r?\n$/, "");
  if (text === "") throw new UserError("the passphrase is empty.");
  return text;
}
