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
  /**
   * The domain that the machine is. Where the machine can't be reached, libvirt is asked whether it could answer: a refresh then
   * takes what is in a machine that is off to be there and stopped, and of one that is gone to be gone. Default: not asked, and
   * a machine that can't be reached is an error.
   */
  domain?: pulumi.Input<{
    /** libvirt connection URI. */
    uri: pulumi.Input<string>;
    uuid: pulumi.Input<string>;
    /** Pool and name of its root disk. */
    pool: pulumi.Input<string>;
    volume: pulumi.Input<string>;
  }>;
}
