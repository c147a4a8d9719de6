// @peculiar/x509 finds its algorithms through decorators' metadata and needs this loaded before it.
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { CertificateInputs, CertificateState } from "./certificate.js";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 86_400_000;
/** A guest's clock may be behind while it boots. */
const clockSkewMs = 3_600_000;

export interface IssuedCertificate {
  readonly serialNumber: string;
  readonly state: Omit<CertificateState, "renewalDue">;
}

/**
 * Makes an authority that signs this one certificate. The authority's private key is never written anywhere and goes with
 * the end of this call.
 */
export async function issueCertificate(inputs: CertificateInputs, now: Date): Promise<IssuedCertificate> {
  cryptoProvider.set(webcrypto);
  const notBefore = new Date(Math.floor((now.getTime() - clockSkewMs) / 1000) * 1000);
  const notAfter = new Date(notBefore.getTime() + clockSkewMs + inputs.validityDays * dayMs);
  const authorityKeys = await generateKeys();
  const serverKeys = await generateKeys();
  const common = { notBefore, notAfter, signingAlgorithm: algorithm };
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...common,
    serialNumber: newSerialNumber(),
    name: new Name([{ CN: [`${inputs.commonName.slice(0, 55)} authority`] }]).toString(),
    keys: authorityKeys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const serialNumber = newSerialNumber();
  const alternatives = [
    ...inputs.dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...inputs.ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  const server = await X509CertificateGenerator.create({
    ...common,
    serialNumber,
    subject: new Name([{ CN: [inputs.commonName] }]).toString(),
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      ...(alternatives.length > 0 ? [new SubjectAlternativeNameExtension(alternatives)] : []),
      await SubjectKeyIdentifierExtension.create(serverKeys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey);
  return {
    serialNumber,
    state: {
      caCertificate: endLine(authority.toString("pem")),
      certificate: endLine(server.toString("pem")),
      privateKey: endLine(PemConverter.encode(pkcs8, "PRIVATE KEY")),
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
    },
  };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
}

/** 127 random bits: positive, never zero, and unique as RFC 5280 (4.1.2.2) asks. */
function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function endLine(pem: string): string {
  return `${pem.trimEnd()}\n`;
}
