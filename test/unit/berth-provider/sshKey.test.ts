import { describe, expect, it } from "vitest";
import { publicKeyLine } from "../../../providers/berth/openSshKey.js";
import { sshKey } from "../../../providers/berth/sshKey.js";
import { unknown } from "../../../providers/kit/index.js";
import { testCall } from "./support/testCall.js";

const call = testCall();

describe("an SSH key", () => {
  it("is another one each time, and names its comment", async () => {
    const one = await sshKey.create({ comment: "operator of dev" }, call);
    const other = await sshKey.create({ comment: "operator of dev" }, call);
    expect(one.state.publicKey).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI\S{43} operator of dev$/);
    expect(one.state.publicKey).not.toBe(other.state.publicKey);
  });

  it("keeps its private half and its identity when the comment changes", async () => {
    const { id, state } = await sshKey.create({ comment: "old" }, call);
    const request = { id, state, oldInputs: { comment: "old" }, inputs: {} };
    const after = await sshKey.update?.(request, call);
    expect(after).toEqual({ ...state, publicKey: state.publicKey.replace(/ old$/, "") });
  });

  it("marks its private half as a secret", () => {
    expect(sshKey.secrets).toEqual(["privateKey"]);
  });

  it.each([
    ["a line break", "one\ntwo", "holds a line break or another control character; a public key is one line"],
    ["a number", 7, "is not a text"],
  ])("refuses %s as a comment", async (_, comment, reason) => {
    const checked = await sshKey.check?.({ comment: comment as string }, undefined, call);
    expect(checked?.failures).toEqual([{ property: "comment", reason }]);
  });

  it("takes a comment that is not known yet", async () => {
    const checked = await sshKey.check?.({ comment: unknown as never }, undefined, call);
    expect(checked?.failures).toEqual([]);
  });

  it("keeps zero bytes at the head of a public key", () => {
    const blob = Buffer.from(publicKeyLine(Buffer.alloc(32), "").split(" ")[1] ?? "", "base64");
    expect(blob.length).toBe(4 + "ssh-ed25519".length + 4 + 32);
  });
});
