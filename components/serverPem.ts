import { createPrivateKey, X509Certificate } from "node:crypto";

interface PemNames {
  /** Name under `berth:secrets`. */
  readonly certificate: string;
  readonly key?: string;
}

/**
 * A certificate, its chain and its key as HAProxy reads them: the server's own certificate first, one block after the other, without
 * blank lines.
 *
 * @throws Error that names the secret and what is wrong with it, never its content.
 */
export function serverPem(certificate: string, key: string | undefined, names: PemNames): string {
  const chain = certificates(certificate, names.certificate);
  const keyName = names.key ?? names.certificate;
  const keys = blocks(key ?? certificate).filter((block) =>
    /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(block),
  );
  if (keys.length !== 1) {
    throw wrong(
      keyName,
      `holds ${keys.length === 0 ? "no private key" : "several private keys"} in PEM; ` +
        (names.key === undefined
          ? 'add the certificate\'s key to it, or name its own secret in "key".'
          : "give it the certificate's key alone."),
    );
  }
  if (!chain[0]!.checkPrivateKey(privateKey(keys[0]!, keyName))) {
    throw wrong(
      keyName,
      `is not the key of the certificate in "${names.certificate}", whose first block must be the server's own.`,
    );
  }
  if (Date.parse(chain[0]!.validTo) < Date.now()) {
    throw wrong(names.certificate, `holds a certificate that ended on ${chain[0]!.validTo}; renew it.`);
  }
  return [...chain.map((one) => one.toString()), keys[0]!]
    .map((block) => `${withoutBlanks(block)}\n`)
    .join("");
}

/** Certificates of authorities, for the check of clients' ones. @throws Error that names the secret. */
export function authoritiesPem(text: string, name: string): string {
  return certificates(text, name)
    .map((one) => `${withoutBlanks(one.toString())}\n`)
    .join("");
}

function certificates(text: string, name: string): X509Certificate[] {
  const found = blocks(text).filter((block) => block.startsWith("-----BEGIN CERTIFICATE-----"));
  if (found.length === 0) throw wrong(name, "holds no certificate in PEM (-----BEGIN CERTIFICATE-----).");
  return found.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw wrong(name, `holds a certificate (the ${index + 1}.) that can't be read; set it again, whole.`);
    }
  });
}

function privateKey(block: string, name: string) {
  try {
    return createPrivateKey(block);
  } catch {
    throw wrong(name, "holds a private key that can't be read; give one without a passphrase, whole.");
  }
}

function blocks(text: string): string[] {
  return text.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g) ?? [];
}

function withoutBlanks(block: string): string {
  return block
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}

function wrong(name: string, what: string): Error {
  return new Error(`secret "${name}" ${what}`);
}
