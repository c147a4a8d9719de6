import * as pulumi from "@pulumi/pulumi";

export interface SshKeyArgs {
  /** Comment at the end of the public key. Default: none. Changing it: in place, the key pair stays. */
  comment?: pulumi.Input<string>;
}

/** An ed25519 key pair in OpenSSH's format. Made once, kept in the state; the private half is a secret. */
export class SshKey extends pulumi.CustomResource {
  /** `ssh-ed25519 AAAA… comment`, one line. */
  declare readonly publicKey: pulumi.Output<string>;
  /** OpenSSH private key text, unencrypted. Secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  declare readonly fingerprint: pulumi.Output<string>;

  constructor(name: string, args: SshKeyArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super(
      "berth:index:SshKey",
      name,
      { ...args, publicKey: undefined, privateKey: undefined, fingerprint: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKey"] }),
    );
  }
}
