import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CertificateInputs,
  type CertificateState,
  certificate,
} from "../../../providers/berth/certificate.js";
import { unknown } from "../../../providers/kit/index.js";
import { testCall } from "./support/testCall.js";

const call = testCall();
const inputs: CertificateInputs = {
  commonName: "registry",
  dnsNames: ["registry.berth.internal"],
  ipAddresses: ["127.0.0.1", "192.168.150.1", "fd00::1"],
  validityDays: 30,
};
const dayMs = 86_400_000;

describe("a certificate", () => {
  let state: CertificateState;
  let server: X509Certificate;
  let authority: X509Certificate;

  beforeAll(async () => {
    ({ state } = await certificate.create(inputs, call));
    server = new X509Certificate(state.certificate);
    authority = new X509Certificate(state.caCertificate);
  });

  it("is signed by its authority, which is one", () => {
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect([server.ca, authority.ca]).toEqual([false, true]);
  });

  it("belongs to its private key, on P-256", () => {
    expect(server.checkPrivateKey(createPrivateKey(state.privateKey))).toBe(true);
    expect(createPublicKey(state.certificate).asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  });

  it("does not keep the authority's key", () => {
    expect(authority.checkPrivateKey(createPrivateKey(state.privateKey))).toBe(false);
    expect(JSON.stringify(state).match(/PRIVATE KEY-----/g)).toHaveLength(2);
  });

  it("names what it stands for, and nothing else", () => {
    expect(server.subject).toBe("CN=registry");
    expect(server.checkHost("registry.berth.internal")).toBe("registry.berth.internal");
    expect(server.checkIP("192.168.150.1")).toBe("192.168.150.1");
    expect(server.checkIP("fd00::1")).toBe("fd00::1");
    expect(server.checkHost("example.org")).toBeUndefined();
    expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  it("lives as long as asked, from a little before now", () => {
    expect(Date.parse(server.validTo)).toBe(Date.parse(state.notAfter));
    expect(Date.parse(state.notAfter) - Date.now()).toBeGreaterThan(29.9 * dayMs);
    expect(Date.parse(state.notAfter) - Date.now()).toBeLessThanOrEqual(30 * dayMs);
    expect(Date.parse(server.validFrom)).toBeLessThan(Date.now());
  });

  it("has another serial number than its authority and the next one", async () => {
    const next = await certificate.create(inputs, call);
    const serials = [server, authority, new X509Certificate(next.state.certificate)].map(
      (it) => it.serialNumber,
    );
    expect(new Set(serials).size).toBe(3);
  });

  it("stays as it is while it is young", async () => {
    const live = await certificate.read?.("1", state, inputs, call);
    expect(live?.state).toEqual(state);
    const diff = await certificate.diff?.(
      { id: "1", state: live?.state ?? state, oldInputs: inputs, inputs, ignoreChanges: [] },
      call,
    );
    expect(diff?.changes).toEqual([]);
  });

  it.each([
    ["in the last tenth of its life", -28, 2],
    ["after its end", -40, -10],
  ])("is replaced after a refresh %s", async (_, from, to) => {
    const at = (days: number) => new Date(Date.now() + days * dayMs).toISOString();
    const old = { ...state, notBefore: at(from), notAfter: at(to) };
    const live = await certificate.read?.("1", old, inputs, call);
    const diff = await certificate.diff?.(
      { id: "1", state: live?.state ?? old, oldInputs: inputs, inputs, ignoreChanges: [] },
      call,
    );
    expect(diff?.changes).toEqual([{ path: "renewalDue", kind: "update-replace", inputDiff: false }]);
  });
});

describe("a certificate's inputs", () => {
  const check = async (given: object) => certificate.check?.(given as CertificateInputs, undefined, call);

  it("get defaults", async () => {
    expect((await check({ commonName: "registry" }))?.inputs).toEqual({
      commonName: "registry",
      dnsNames: [],
      ipAddresses: [],
      validityDays: 825,
    });
  });

  it("are all looked at", async () => {
    const given = {
      commonName: " ",
      dnsNames: ["ok.example", "no good"],
      ipAddresses: ["10.0.0.300"],
      validityDays: 0,
    };
    expect((await check(given))?.failures).toEqual([
      { property: "commonName", reason: 'is empty; expected a name such as "registry"' },
      { property: "dnsNames[1]", reason: '"no good" is not a DNS name' },
      { property: "ipAddresses[0]", reason: '"10.0.0.300" is not an IP address' },
      { property: "validityDays", reason: "is 0; expected a whole number from 1 to 36500" },
    ]);
  });

  it("may be unknown", async () => {
    const given = { commonName: unknown, dnsNames: [unknown], ipAddresses: unknown, validityDays: unknown };
    expect((await check(given))?.failures).toEqual([]);
  });
});
