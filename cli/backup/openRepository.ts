import { readFileSync } from "node:fs";
import { UserError } from "../say.js";
import { FolderStore } from "./repository/folderStore.js";
import { Repository } from "./repository/repository.js";
import type { Store } from "./repository/store.js";

export interface RepositoryOptions {
  /** A folder, or `s3://bucket/prefix`. Default: BERTH_BACKUP_TO. */
  readonly to?: string;
  /** File with the passphrase of an encrypted repository. Default: BERTH_BACKUP_PASSPHRASE. */
  readonly passphraseFile?: string;
}

/** Opens the repository that a command's options name; makes it where that is asked for. */
export async function openRepository(options: RepositoryOptions, make = false): Promise<Repository> {
  const where = options.to ?? process.env["BERTH_BACKUP_TO"];
  if (where === undefined || where === "") {
    throw new UserError(
      "where the backups are is not said: give a folder or s3://bucket/prefix with --to, or in BERTH_BACKUP_TO.",
    );
  }
  return Repository.open(await storeAt(where), passphraseOf(options), make ? {} : undefined);
}

async function storeAt(where: string): Promise<Store> {
  if (!/^[a-z0-9+]+:\/\//i.test(where)) return new FolderStore(where);
  const [, bucket, prefix = ""] = /^s3:\/\/([\w.-]{3,})(?:\/+(.*?))?\/*$/.exec(where) ?? [];
  if (bucket === undefined) {
    throw new UserError(
      `"${where}" is no place for backups. Write a folder's path, or s3://bucket/prefix; a store's address goes into AWS_ENDPOINT_URL_S3.`,
    );
  }
  // Most commands don't need it, and it takes a while to load.
  const { S3Store } = await import("./repository/s3Store.js");
  return S3Store.at(bucket, prefix);
}

function passphraseOf({ passphraseFile }: RepositoryOptions): string | undefined {
  const { BERTH_BACKUP_PASSPHRASE: given } = process.env;
  const text =
    passphraseFile === undefined ? given : readFileSync(passphraseFile, "utf8").replace(/\r?\n$/, "");
  if (text === "") throw new UserError("the passphrase is empty.");
  return text;
}
