import { type Issues, type Path, show } from "./issues.js";
import type { WrittenFrontend } from "./loadBalancerSchema.js";
import type { CertificateSpec, TlsSpec } from "./loadBalancerSpec.js";
import { defined } from "./references.js";

type Written = NonNullable<WrittenFrontend["tls"]>;

export function resolveTls(value: Written, at: Path, secrets: readonly string[], issues: Issues): TlsSpec {
  const certificates = (value.certificates ?? []).flatMap((one, index) =>
    resolveCertificate(one, [...at, "certificates", index], secrets, issues),
  );
  if ((value.certificates ?? []).length === 0) {
    issues.add(
      [...at, "certificates"],
      "missing; give at least one, such as {certificate: site, key: site-key} with names from berth:secrets, or {hosts: [shop.example]} for one that Berth issues.",
    );
  }
  if (value.clientCa !== undefined) requireSecret(value.clientCa, [...at, "clientCa"], secrets, issues);
  return {
    certificates,
    minVersion: value.minVersion ?? "1.2",
    http2: value.http2 ?? true,
    ...defined({
      clientCa: value.clientCa,
      hstsSeconds: value.hsts === undefined ? undefined : Math.ceil(value.hsts / 1000),
    }),
  };
}

function resolveCertificate(
  { certificate, key, hosts }: NonNullable<Written["certificates"]>[number],
  at: Path,
  secrets: readonly string[],
  issues: Issues,
): CertificateSpec[] {
  if (hosts !== undefined) {
    if (certificate !== undefined || key !== undefined) {
      issues.add(
        [...at, "hosts"],
        'is for a certificate that Berth issues; remove it, or "certificate" and "key".',
      );
    } else if (hosts.length === 0) {
      issues.add([...at, "hosts"], "is empty; name at least one host.");
    }
    return [{ kind: "issued", hosts: hosts.map((host) => host.toLowerCase()) }];
  }
  if (certificate === undefined) {
    issues.add(
      [...at, "certificate"],
      'missing; name the secret that holds the PEM of the certificate and its chain, or give "hosts".',
    );
    return [];
  }
  requireSecret(certificate, [...at, "certificate"], secrets, issues);
  if (key !== undefined) requireSecret(key, [...at, "key"], secrets, issues);
  return [{ kind: "secret", certificate, ...(key !== undefined && { key }) }];
}

/** Says how to set a secret that is not there. */
export function requireSecret(name: string, at: Path, secrets: readonly string[], issues: Issues): void {
  if (secrets.includes(name)) return;
  issues.add(
    at,
    `there is no secret ${show(name)}; run: pulumi config set --secret --path 'berth:secrets.${name}'`,
  );
}
