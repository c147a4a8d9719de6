import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sshKey } from "../../../providers/berth/sshKey.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";

describe("an SSH key, in OpenSSH's eyes", () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-keys-"));
  const file = join(folder, "key");
  afterAll(() => rmSync(folder, { recursive: true }));
  const keygen = (...args: string[]) => execFileSync("ssh-keygen", args, { encoding: "utf8" }).trim();

  it("is whole, whatever the length of its comment", async () => {
    // The comment decides how much padding the private part takes.
    for (let length = 0; length < 8; length++) {
      const { state } = await sshKey.create({ comment: "c".repeat(length) }, testCall());
      writeFileSync(file, state.privateKey, { mode: 0o600 });
      writeFileSync(`${file}.pub`, state.publicKey);
      expect(keygen("-y", "-f", file)).toBe(state.publicKey);
      expect(keygen("-l", "-f", `${file}.pub`).split(" ")[1]).toBe(state.fingerprint);
    }
  });

  it("signs what its public half verifies", async () => {
    const { state } = await sshKey.create({ comment: "signer" }, testCall());
    const signed = join(folder, "signed");
    const signer = join(folder, "signer");
    writeFileSync(signer, state.privateKey, { mode: 0o600 });
    writeFileSync(signed, "text");
    writeFileSync(join(folder, "allowed"), `me ${state.publicKey}\n`);
    keygen("-Y", "sign", "-q", "-f", signer, "-n", "file", signed);
    const args = [
      "-Y",
      "verify",
      "-f",
      join(folder, "allowed"),
      "-I",
      "me",
      "-n",
      "file",
      "-s",
      `${signed}.sig`,
    ];
    expect(execFileSync("ssh-keygen", args, { input: "text", encoding: "utf8" })).toContain(
      state.fingerprint,
    );
  });
});
