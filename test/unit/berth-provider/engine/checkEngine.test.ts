import { describe, expect, it } from "vitest";
import { checkEngine } from "../../../../providers/berth/engine/checkEngine.js";
import { unknown } from "../../../../providers/kit/index.js";

const good = {
  connection: {
    host: "10.0.0.2",
    user: "berth",
    privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----",
    hostKey: "ssh-ed25519 AAAAC3",
  },
  machine: "uuid",
};

describe("a Docker engine's inputs", () => {
  it("get defaults", () => {
    expect(checkEngine(good)).toEqual({
      inputs: { ...good, daemon: {}, certificates: {}, package: "docker.io", bootTimeout: "10m" },
      failures: [],
    });
  });

  it("may be unknown, whole or in part", () => {
    const of = (inputs: object) => checkEngine(inputs as never).failures;
    expect(
      of({
        connection: unknown,
        machine: unknown,
        daemon: unknown,
        certificates: unknown,
        package: unknown,
        bootTimeout: unknown,
        consoleLog: unknown,
      }),
    ).toEqual([]);
    const connection = { host: unknown, port: unknown, user: unknown, privateKey: unknown, hostKey: unknown };
    expect(
      of({ ...good, connection, certificates: { "r:5000": unknown }, daemon: { bip: unknown } }),
    ).toEqual([]);
  });

  it("are all looked at, and secrets are not repeated", () => {
    const { failures } = checkEngine({
      connection: { host: "", port: 0, user: 7, privateKey: "my secret", hostKey: "SHA256:abc" },
      daemon: { hosts: ["tcp://0.0.0.0:2375"] },
      certificates: { "../../etc": "no PEM" },
      package: "docker.io; reboot",
      bootTimeout: "soon",
      consoleLog: "",
    } as never);
    expect(failures.map(({ property, reason }) => `${property}: ${reason}`)).toEqual([
      "connection.host: is empty; expected an IP address or a name",
      "connection.port: is 0; expected a whole number from 1 to 65535",
      "connection.user: is 7; expected a user's name",
      "connection.privateKey: is not a private key in OpenSSH's or PEM format",
      'connection.hostKey: "SHA256:abc" is not a public key; expected "ssh-ed25519 AAAA…"',
      "machine: is missing; expected an identity of the machine, such as its domain's UUID",
      "daemon.hosts: is given to dockerd by its service already, and Docker does not start with both; Berth reaches it over SSH",
      'certificates["../../etc"]: its name is not a registry\'s host or host:port',
      'certificates["../../etc"]: is not a certificate in PEM format',
      'package: "docker.io; reboot" is not a Debian package\'s name (with "=version" at most)',
      'bootTimeout: "soon" is not a duration: write a number with a unit, such as "30s", "10m" or "1h30m"',
      "consoleLog: is empty; expected a file's path",
    ]);
  });

  it.each(["registry.example", "10.0.0.1:5000", "localhost:5000"])("take certificates for %s", (registry) => {
    const certificates = { [registry]: "-----BEGIN CERTIFICATE-----" };
    expect(checkEngine({ ...good, certificates }).failures).toEqual([]);
  });

  it.each(["docker.io", "docker-ce", "docker.io=20.10.24+dfsg1-1+deb12u1"])("take the package %s", (name) => {
    expect(checkEngine({ ...good, package: name }).failures).toEqual([]);
  });
});
