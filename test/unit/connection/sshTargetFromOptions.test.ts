import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SshError } from "../../../providers/connection/index.js";
import { sshTargetFromOptions } from "../../../providers/connection/sshTargetFromOptions.js";

let folder = "";
let key = "";
let known = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-ssh-options-"));
  key = join(folder, "id");
  known = join(folder, "known_hosts");
  writeFileSync(key, "the private key");
  writeFileSync(known, "web-1 ssh-ed25519 AAAA\n[web-1]:2222 ssh-ed25519 BBBB\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const strict = (): string[] => [
  "-i",
  key,
  "-o",
  `UserKnownHostsFile=${known}`,
  "-o",
  "StrictHostKeyChecking=yes",
];

describe("sshTargetFromOptions", () => {
  it("reads the options of docker.Provider", () => {
    expect(sshTargetFromOptions("ssh://berth@web-1", strict())).toEqual({
      host: "web-1",
      port: 22,
      user: "berth",
      privateKey: "the private key",
      hostKeys: ["ssh-ed25519 AAAA"],
    });
  });

  it("reads options in one word, with spaces, in any case, and lets the first win as ssh does", () => {
    const options = [
      `-i${key}`,
      "-lberth",
      "-p2222",
      "-o",
      "Port 22",
      `-oUSERKNOWNHOSTSFILE "${known}"`,
      "-o",
      "ConnectTimeout = 7",
      "-o",
      "BatchMode=yes",
    ];
    expect(sshTargetFromOptions("ssh://web-1", options)).toMatchObject({
      user: "berth",
      port: 2222,
      hostKeys: ["ssh-ed25519 BBBB"],
      readyTimeoutMs: 7000,
    });
  });

  it("lets the address win over the options", () => {
    const options = [...strict(), "-l", "root", "-p", "22"];
    expect(sshTargetFromOptions("ssh://berth@web-1:2222", options)).toMatchObject({
      user: "berth",
      port: 2222,
    });
  });

  it("reads the domain that the machine is, and passes over what OpenSSH needs for that", () => {
    const option =
      "BerthDomain=0-1,a%20pool,web-1.qcow2,qemu%2Bssh%3A%2F%2Froot%40host%2Fsystem%3Fsocket%3D%2Frun%2Fx";
    const options = [...strict(), "-o", "IgnoreUnknown=BerthDomain", "-o", option];
    expect(sshTargetFromOptions("ssh://berth@web-1", options).domain).toEqual({
      uuid: "0-1",
      pool: "a pool",
      volume: "web-1.qcow2",
      uri: "qemu+ssh://root@host/system?socket=/run/x",
    });
    expect(() => sshTargetFromOptions("ssh://web-1", ["-o", "BerthDomain=one,two"])).toThrow(
      "BerthDomain=one,two is not a domain",
    );
  });

  it("asks the ssh-agent where no key is named", () => {
    const target = sshTargetFromOptions("ssh://web-1", ["-o", `UserKnownHostsFile=${known}`], {
      SSH_AUTH_SOCK: "/run/agent",
    });
    expect(target).toMatchObject({ agent: "/run/agent" });
    expect(target).not.toHaveProperty("privateKey");
  });

  it.each(["no", "accept-new", "ask", "off"])(
    "refuses StrictHostKeyChecking=%s and says what to do",
    (value) => {
      expect(() =>
        sshTargetFromOptions("ssh://web-1", [...strict(), "-o", `StrictHostKeyChecking=${value}`]),
      ).toThrow(
        `sshOpts: StrictHostKeyChecking=${value} would accept any machine that answers. Only "yes" is accepted: ` +
          "put the host's key into a known_hosts file and name it with -o UserKnownHostsFile=FILE.",
      );
    },
  );

  it("refuses a host whose key is not known", () => {
    expect(() => sshTargetFromOptions("ssh://web-2", strict())).toThrow(
      expect.objectContaining({
        kind: "host-key",
        message: expect.stringContaining("no host key of web-2 is known"),
      }),
    );
  });

  it.each([
    [
      "the identity file",
      () => ["-i", "/nowhere/id", "-o", `UserKnownHostsFile=${known}`],
      "identity file /nowhere/id",
    ],
    [
      "known_hosts",
      () => ["-i", key, "-o", "UserKnownHostsFile=/nowhere/kh"],
      "known_hosts file /nowhere/kh",
    ],
  ])("names %s where it is missing", (_, options, message) => {
    const attempt = () => sshTargetFromOptions("ssh://web-1", options());
    expect(attempt).toThrow(SshError);
    expect(attempt).toThrow(message);
  });

  it.each([
    [["-J", "jump"], "sshOpts: -J is not supported"],
    [["-o", "ProxyCommand=nc"], "sshOpts: -o proxycommand is not supported"],
    [["-i"], "sshOpts: -i has no value."],
    [["-p", "ssh"], "sshOpts: Port=ssh is not a whole number from 1 to 65535."],
    [["-o", "Port"], "sshOpts: -o Port is not of the form Key=Value."],
  ])("names what it can't use in %j", (options, message) => {
    expect(() => sshTargetFromOptions("ssh://web-1", options)).toThrow(message);
  });
});
