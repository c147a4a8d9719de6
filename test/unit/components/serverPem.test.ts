import { generateKeyPairSync } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { authoritiesPem, serverPem } from "../../../components/serverPem.js";
import { issueCertificate } from "../../../providers/berth/issueCertificate.js";

const inputs = { commonName: "shop.example", dnsNames: [], ipAddresses: [], validityDays: 30 };
const names = { certificate: "site", key: "site-key" };
let certificate: string;
let authority: string;
let key: string;

beforeAll(async () => {
  const { state } = await issueCertificate(inputs, new Date());
  ({ certificate, caCertificate: authority, privateKey: key } = state);
});

const blocks = (text: string) => text.match(/-----BEGIN [A-Z ]+-----/g);

test("a certificate, its chain and its key become one file, in order and without blank lines", () => {
  const spaced = `A comment\r\n\r\n${certificate.replaceAll("\n", "\r\n")}\n\n${authority}`;
  const pem = serverPem(spaced, key, names);
  expect(blocks(pem)).toEqual([
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN PRIVATE KEY-----",
  ]);
  expect(pem).not.toMatch(/\n\s*\n/);
  expect(serverPem(pem, undefined, { certificate: "site" })).toBe(pem);
});

test("authorities need no key", () => {
  expect(blocks(authoritiesPem(`${authority}${certificate}`, "ca"))).toHaveLength(2);
});

const other = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }) as string;

test.each<[string, () => string, string]>([
  [
    "nothing",
    () => serverPem("hello", key, names),
    'secret "site" holds no certificate in PEM (-----BEGIN CERTIFICATE-----).',
  ],
  [
    "no key",
    () => serverPem(certificate, undefined, { certificate: "site" }),
    'secret "site" holds no private key in PEM; add the certificate\'s key to it, or name its own secret in "key".',
  ],
  [
    "two keys",
    () => serverPem(certificate, key + other, names),
    'secret "site-key" holds several private keys in PEM; give it the certificate\'s key alone.',
  ],
  [
    "another key",
    () => serverPem(certificate, other, names),
    'secret "site-key" is not the key of the certificate in "site", whose first block must be the server\'s own.',
  ],
  [
    "a key that is cut",
    () => serverPem(certificate, key.replace(/\n.{30}/, "\n"), names),
    'secret "site-key" holds a private key that can\'t be read; give one without a passphrase, whole.',
  ],
  [
    "a certificate that is cut",
    () => serverPem(certificate.replace(/\n.{30}/, "\n"), key, names),
    'secret "site" holds a certificate (the 1.) that can\'t be read; set it again, whole.',
  ],
])("refuses %s, and names the secret without its content", (_, make, message) => {
  expect(make).toThrow(new Error(message));
});

test("refuses a certificate that has run out", async () => {
  const { state } = await issueCertificate(inputs, new Date("2020-01-01"));
  expect(() => serverPem(state.certificate, state.privateKey, names)).toThrow(
    /^secret "site" holds a certificate that ended on .* 2020 GMT; renew it\.$/,
  );
});
