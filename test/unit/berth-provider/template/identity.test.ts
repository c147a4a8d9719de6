import { execFileSync } from "node:child_process";
import { createHash, createPublicKey, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { newDockerIdentity } from "../../../../providers/berth/template/dockerIdentity.js";
import { identityScript } from "../../../../providers/berth/template/identityScript.js";
import { identitySubroutines } from "../../../../providers/berth/template/identitySubroutines.js";
import { firstBootScript, prepareScript, readyScript } from "../../../../providers/berth/template/scripts.js";

describe("Docker's identity", () => {
  test("until version 22 it is the fingerprint of the key in key.json", () => {
    const { id, file, content } = newDockerIdentity("/etc/docker/key.json");
    expect(file).toBe("/etc/docker/key.json");
    expect(id).toMatch(/^([A-Z2-7]{4}:){11}[A-Z2-7]{4}$/);
    const key = JSON.parse(content);
    expect(key.kid).toBe(id);
    const der = createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "der" });
    // Read back bit by bit: an encoder and its test must not share a mistake.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const bits = [...id.replaceAll(":", "")]
      .map((one) => alphabet.indexOf(one).toString(2).padStart(5, "0"))
      .join("");
    const bytes = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
    expect(bytes).toEqual(createHash("sha256").update(der).digest().subarray(0, 30));
  });

  test("since version 23 it is a UUID", () => {
    const { id, content } = newDockerIdentity("/var/lib/docker/engine-id");
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(content).toBe(id);
  });
});

describe("the scripts that run in a guest", () => {
  const identity = {
    hostname: "it's web-1",
    address: "192.168.130.10/24",
    gateway: "192.168.130.1",
    nameservers: ["192.168.130.1"],
    user: "berth",
    authorizedKeys: ["ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"],
    hostKey: { privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nxx\n", publicKey: "ssh-ed25519 CCCC" },
    firstBoot: false,
    uuid: "00112233-4455-6677-8899-aabbccddeeff",
    mac: "52:54:00:CE:11:10",
    docker: newDockerIdentity("/etc/docker/key.json"),
    restartDocker: true,
    entropy: randomBytes(64),
    units: ["systemd-timesyncd.service"],
    journals: "/run/log/journal",
    grown: true,
  };

  test.each([
    ["ready", readyScript(60)],
    ["prepare", prepareScript()],
    ["first boot", firstBootScript()],
  ])("%s: a POSIX shell can read it", (_, script) => {
    execFileSync("sh", ["-n"], { input: script });
  });

  test("identity: Perl can read it", () => {
    execFileSync("perl", ["-Mstrict", "-Mwarnings", "-c", "-"], {
      input: identityScript(identity),
      stdio: ["pipe", "ignore", "pipe"],
    });
  });

  test("IPv6 is in force at once, and at the next boot", () => {
    const ipv6 = { address6: "fd00:130::a/64", gateway6: "fd00:130::1" };
    const script = identityScript({ ...identity, ...ipv6 });
    const hexOf = (text: string) => Buffer.from(text).toString("hex");
    expect(script).toMatch(
      new RegExp(
        `join_network\\(.*'${hexOf("fd00:130::a")}'\\), 64, pack\\('H\\*', '${hexOf("fd00:130::1")}'\\)\\);`,
      ),
    );
    expect(script).toContain(hexOf("Address=fd00:130::a/64\n"));
    expect(script).toContain(hexOf("[Route]\nDestination=::/0\nGateway=fd00:130::1\n"));
    expect(identityScript(identity)).not.toContain(hexOf("::/0"));
  });

  test("random numbers come first, before any key or process is made", () => {
    const script = identityScript(identity);
    const steps = [...script.matchAll(/\$step = '([^']+)'/g)].map(([, step]) => step);
    expect(steps).toEqual([
      "subroutines",
      "random numbers",
      "clock",
      "machine-id",
      "host name",
      "journal",
      "SSH host key",
      "authorized keys",
      "network",
      "Docker engine id",
      "file system",
      "services",
      "Docker",
      "what follows",
    ]);
    expect(script.indexOf(identity.entropy.toString("hex"))).toBeLessThan(script.indexOf("machine-id"));
  });

  test("each subroutine that is called is there", () => {
    const called = [...identityScript(identity).matchAll(/^ {2}([a-z_]+)\(/gm)].map(([, name]) => name!);
    expect(called.length).toBeGreaterThan(10);
    for (const name of called) expect(identitySubroutines).toContain(`\nsub ${name} {`);
  });

  test("files are written whole, whatever they hold", () => {
    const written = [
      ...identityScript(identity).matchAll(
        /^ {2}put\('([^']+)', '(\d+)', pack\('H\*', '([0-9a-f]*)'\)\);$/gm,
      ),
    ].map(([, path, mode, content]) => [path, [mode, Buffer.from(content!, "hex").toString()]] as const);
    const files = Object.fromEntries(written);
    expect(files["/etc/machine-id"]).toEqual(["0444", "00112233445566778899aabbccddeeff\n"]);
    expect(files["/etc/hostname"]).toEqual(["0644", "it's web-1\n"]);
    expect(files["/etc/ssh/ssh_host_ed25519_key"]).toEqual(["0600", identity.hostKey.privateKey]);
    expect(files["/etc/systemd/network/10-cloud-init-primary.network"]?.[1]).toContain(
      "MACAddress=52:54:00:ce:11:10",
    );
    expect(JSON.parse(files["/etc/docker/key.json"]![1]!).kid).toBe(identity.docker.id);
  });
});
