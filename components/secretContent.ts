import { Certificate } from "@berth/sdk";
import * as pulumi from "@pulumi/pulumi";
import type { SecretFile } from "./haproxy/index.js";
import { authoritiesPem, serverPem } from "./serverPem.js";

export interface SecretContent {
  readonly content: pulumi.Output<string>;
  /** PEM of the authority, for clients to trust; of certificates that Berth issues. */
  readonly authority?: pulumi.Output<string>;
}

/**
 * The content of one of HAProxy's secret files.
 *
 * @param name of the certificate, where one is issued.
 * @param secrets the values under `berth:secrets`, by name.
 */
export function secretContent(
  name: string,
  file: SecretFile,
  secrets: Readonly<Record<string, pulumi.Input<string>>>,
  opts: pulumi.CustomResourceOptions,
): SecretContent {
  const value = (name: string) => pulumi.secret(secrets[name]!);
  switch (file.kind) {
    case "pem": {
      const key = file.key === undefined ? undefined : value(file.key);
      const pem = pulumi
        .all([value(file.certificate), key])
        .apply(([certificate, one]) => plainly(() => serverPem(certificate, one, file)));
      return { content: pem };
    }
    case "authorities":
      return {
        content: value(file.certificate).apply((pem) => plainly(() => authoritiesPem(pem, file.certificate))),
      };
    case "issued": {
      const [commonName = ""] = file.hosts;
      const issued = new Certificate(name, { commonName, dnsNames: [...file.hosts] }, opts);
      const pem = pulumi.interpolate`${issued.certificate.apply(ended)}${issued.privateKey.apply(ended)}`;
      return { content: pulumi.secret(pem), authority: issued.caCertificate };
    }
    case "login":
      return {
        content: value(file.password).apply(
          (password) => `Basic ${Buffer.from(`${file.user}:${password}`).toString("base64")}\n`,
        ),
      };
  }
}

/** A mistake of the configuration: the engine shows its words without a stack. */
function plainly(work: () => string): string {
  try {
    return work();
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}

function ended(text: string): string {
  return `${text.trimEnd()}\n`;
}
