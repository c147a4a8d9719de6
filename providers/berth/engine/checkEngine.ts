import { type Checked, duration, isUnknown } from "../../kit/index.js";
import { Mistakes } from "../mistakes.js";
import type { EngineInputs } from "./types.js";

/** Fills in the defaults and lists every mistake. Inputs may be unknown, whole or in part. */
export function checkEngine(given: Partial<EngineInputs>): Checked<EngineInputs> {
  const inputs = {
    daemon: {},
    certificates: {},
    package: "docker.io",
    bootTimeout: "10m",
    ...given,
  } as EngineInputs;
  const mistakes = new Mistakes();
  checkConnection(inputs.connection, mistakes);
  mistakes.text("machine", inputs.machine, "an identity of the machine, such as its domain's UUID");
  if (
    mistakes.record("daemon", inputs.daemon, "an object with dockerd's settings") &&
    "hosts" in inputs.daemon
  ) {
    mistakes.add(
      "daemon.hosts",
      "is given to dockerd by its service already, and Docker does not start with both; Berth reaches it over SSH",
    );
  }
  if (mistakes.record("certificates", inputs.certificates, 'an object from "host:port" to PEM')) {
    for (const [registry, pem] of Object.entries(inputs.certificates))
      checkCertificate(registry, pem, mistakes);
  }
  if (mistakes.text("package", inputs.package, 'a Debian package such as "docker.io"')) {
    if (!/^[a-z0-9][a-z0-9+.-]+(=[\w.+:~-]+)?$/.test(inputs.package)) {
      mistakes.add("package", `"${inputs.package}" is not a Debian package's name (with "=version" at most)`);
    }
  }
  if (mistakes.text("bootTimeout", inputs.bootTimeout, 'a duration such as "10m"')) {
    try {
      duration(inputs.bootTimeout);
    } catch (error) {
      mistakes.add("bootTimeout", (error as Error).message);
    }
  }
  if (inputs.consoleLog !== undefined) mistakes.text("consoleLog", inputs.consoleLog, "a file's path");
  return { inputs, failures: mistakes.failures };
}

function checkConnection(connection: unknown, mistakes: Mistakes): void {
  if (!mistakes.record("connection", connection, "an object with host, user, privateKey and hostKey")) return;
  const { host, port, user, privateKey, hostKey, domain } = connection;
  mistakes.text("connection.host", host, "an IP address or a name");
  mistakes.integer("connection.port", port, 1, 65_535);
  mistakes.text("connection.user", user, "a user's name");
  if (
    domain !== undefined &&
    mistakes.record("connection.domain", domain, "a domain's uri, uuid, pool and volume")
  ) {
    for (const key of ["uri", "uuid", "pool", "volume"])
      mistakes.text(`connection.domain.${key}`, domain[key], "a text");
  }
  // Secret: the value itself never goes into a message.
  if (
    mistakes.text("connection.privateKey", privateKey, "a private key") &&
    !privateKey.includes("PRIVATE KEY-----")
  ) {
    mistakes.add("connection.privateKey", "is not a private key in OpenSSH's or PEM format");
  }
  if (mistakes.text("connection.hostKey", hostKey, 'a public host key "ssh-ed25519 AAAA…"')) {
    if (!/^(ssh|ecdsa)-\S+ AAAA\S+/.test(hostKey)) {
      mistakes.add(
        "connection.hostKey",
        `"${hostKey.slice(0, 40)}" is not a public key; expected "ssh-ed25519 AAAA…"`,
      );
    }
  }
}

function checkCertificate(registry: string, pem: unknown, mistakes: Mistakes): void {
  const path = `certificates[${JSON.stringify(registry)}]`;
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/.test(registry)) {
    mistakes.add(path, "its name is not a registry's host or host:port");
  }
  if (isUnknown(pem)) return;
  if (typeof pem !== "string" || !pem.includes("-----BEGIN CERTIFICATE-----")) {
    mistakes.add(path, "is not a certificate in PEM format");
  }
}
