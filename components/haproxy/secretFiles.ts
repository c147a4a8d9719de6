import { type CertificateSpec, derivedName, type LoadBalancerSpec } from "../topology/index.js";

/** Folder in HAProxy's container for what only root may read. */
const secretFolder = "/etc/haproxy/secret";

/** A file of HAProxy's with secret content, and what it is made of; names are those under `berth:secrets`. */
export type SecretFile =
  | { readonly file: string; readonly kind: "pem"; readonly certificate: string; readonly key?: string }
  | { readonly file: string; readonly kind: "issued"; readonly hosts: readonly string[] }
  | { readonly file: string; readonly kind: "authorities"; readonly certificate: string }
  /** What a browser sends as `Authorization` for a user and a password. */
  | { readonly file: string; readonly kind: "login"; readonly user: string; readonly password: string };

export const statsLoginFile = "stats.login";

export function secretPath(file: string): string {
  return `${secretFolder}/${file}`;
}

export function certificateFile(spec: CertificateSpec): string {
  if (spec.kind === "issued") return `issued-${derivedName(spec.hosts.join("."), 100)}.pem`;
  return `${spec.certificate}.pem`;
}

export function clientCaFile(secret: string): string {
  return `${secret}.ca`;
}

/** The secret files that a load balancer's configuration names, each once. */
export function secretFiles({ frontends, stats }: LoadBalancerSpec): SecretFile[] {
  const files = frontends.flatMap(({ tls }): SecretFile[] =>
    tls === undefined
      ? []
      : [
          ...tls.certificates.map((one): SecretFile => {
            const file = certificateFile(one);
            if (one.kind === "issued") return { file, kind: "issued", hosts: one.hosts };
            return {
              file,
              kind: "pem",
              certificate: one.certificate,
              ...(one.key !== undefined && { key: one.key }),
            };
          }),
          ...(tls.clientCa === undefined
            ? []
            : [
                { file: clientCaFile(tls.clientCa), kind: "authorities" as const, certificate: tls.clientCa },
              ]),
        ],
  );
  const login: SecretFile[] = stats
    ? [{ file: statsLoginFile, kind: "login", user: stats.user, password: stats.password }]
    : [];
  return [...new Map([...files, ...login].map((one) => [one.file, one])).values()];
}
