import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CertificateState, certificate } from "../../../providers/berth/certificate.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";

describe("a certificate, in others' eyes", () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-certificate-"));
  let state: CertificateState;
  const inputs = {
    commonName: "registry",
    dnsNames: ["localhost"],
    ipAddresses: ["127.0.0.1"],
    validityDays: 10,
  };
  beforeAll(async () => {
    ({ state } = await certificate.create(inputs, testCall()));
    writeFileSync(join(folder, "ca.pem"), state.caCertificate);
    writeFileSync(join(folder, "server.pem"), state.certificate);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const openssl = (...args: string[]) =>
    execFileSync("openssl", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });

  it("passes OpenSSL's strict checks for a server", () => {
    const strict = ["verify", "-x509_strict", "-CAfile", "ca.pem", "-purpose", "sslserver"];
    expect(openssl(...strict, "-verify_ip", "127.0.0.1", "server.pem")).toBe("server.pem: OK\n");
    expect(openssl(...strict, "-verify_hostname", "localhost", "server.pem")).toBe("server.pem: OK\n");
    expect(() => openssl(...strict, "-verify_hostname", "example.org", "server.pem")).toThrow(
      /hostname mismatch/i,
    );
    expect(() =>
      openssl("verify", "-x509_strict", "-CAfile", "ca.pem", "-purpose", "sslclient", "server.pem"),
    ).toThrow();
  });

  it("serves HTTPS to who trusts its authority, and to nobody else", async () => {
    const server = createServer({ cert: state.certificate, key: state.privateKey }, (_, answer) =>
      answer.end("here"),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const ask = async (ca: string[]) => {
      const { port } = server.address() as AddressInfo;
      const [answer] = await once(request({ host: "127.0.0.1", port, ca, agent: false }).end(), "response");
      answer.resume();
      return answer.statusCode;
    };
    try {
      expect(await ask([state.caCertificate])).toBe(200);
      await expect(ask([])).rejects.toThrow(/unable to verify|self.signed/i);
    } finally {
      server.close();
    }
  });
});
