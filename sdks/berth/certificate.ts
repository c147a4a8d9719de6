import * as pulumi from "@pulumi/pulumi";

export interface CertificateArgs {
  /** Subject common name. Changing it: replace. */
  commonName: pulumi.Input<string>;
  /** DNS names in the subject alternative name. Default: none. Changing it: replace. */
  dnsNames?: pulumi.Input<pulumi.Input<string>[]>;
  /** IP addresses in the subject alternative name. Default: none. Changing it: replace. */
  ipAddresses?: pulumi.Input<pulumi.Input<string>[]>;
  /** Days. Default 825. Changing it: replace. Within the last tenth of its life the certificate is replaced by the next refresh. */
  validityDays?: pulumi.Input<number>;
}

/** A server certificate (ECDSA P-256) signed by a certificate authority of its own, whose key is thrown away after signing. */
export class Certificate extends pulumi.CustomResource {
  /** PEM: the authority's certificate, for those who must trust the server. */
  declare readonly caCertificate: pulumi.Output<string>;
  /** PEM: the server's certificate. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM (PKCS #8). Secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** ISO 8601. */
  declare readonly notAfter: pulumi.Output<string>;

  constructor(name: string, args: CertificateArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "berth:index:Certificate",
      name,
      {
        ...args,
        caCertificate: undefined,
        certificate: undefined,
        privateKey: undefined,
        notAfter: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKey"] }),
    );
  }
}
