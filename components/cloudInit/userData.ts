import { stringify } from "yaml";
import { accountConfig } from "./account.js";
import { mergeCloudConfig } from "./merge.js";
import type { SeedArgs } from "./seed.js";

/**
 * A machine's user-data: who may log in, as what the machine identifies itself, and what the user adds.
 *
 * Of the user's cloud-config, lists are joined to Berth's, maps merged, and other values win, except for what Berth
 * knows the machine again by: `hostname`, `preserve_hostname`, `ssh_keys` and `ssh_deletekeys` stay Berth's.
 * The text holds the host's private key: keep it secret.
 */
export function userData(args: SeedArgs): string {
  const identity = {
    hostname: args.hostname,
    preserve_hostname: false,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: args.hostKey.privateKey, ed25519_public: args.hostKey.publicKey },
  };
  const own = accountConfig(args.authorizedKeys);
  const config = { ...mergeCloudConfig(own, args.cloudConfig ?? {}), ...identity };
  return `#cloud-config\n${yaml(config)}`;
}

/** YAML with nothing folded, and no aliases: cloud-init reads YAML 1.1. */
export function yaml(value: unknown): string {
  return stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
