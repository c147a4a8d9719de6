import type * as pulumi from "@pulumi/pulumi";

/** How to reach a machine over SSH. */
export interface SshTargetArgs {
  /** IP address or name. */
  host: pulumi.Input<string>;
  /** Default 22. */
  port?: pulumi.Input<number>;
  user: pulumi.Input<string>;
  /** The caller's private key, OpenSSH text. Secret. */
  privateKey: pulumi.Input<string>;
  /** The machine's host public key (`ssh-ed25519 AAAA…`); any other is refused. */
  hostKey: pulumi.Input<string>;
}
