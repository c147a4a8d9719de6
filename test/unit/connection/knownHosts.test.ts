import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hostKeysFromKnownHosts } from "../../../providers/connection/knownHosts.js";

function hashed(name: string): string {
  const salt = Buffer.from("0123456789abcdefghij");
  const hash = createHmac("sha1", salt).update(name).digest("base64");
  return `|1|${salt.toString("base64")}|${hash}`;
}

describe("hostKeysFromKnownHosts", () => {
  it.each([
    ["a plain name", "web-1 ssh-ed25519 AAAA", "web-1", undefined],
    ["one of several names", "10.0.0.2,web-1 ssh-ed25519 AAAA me@here", "web-1", undefined],
    ["whatever the case", "Web-1 ssh-ed25519 AAAA", "WEB-1", undefined],
    ["a wildcard", "web-? ssh-ed25519 AAAA", "web-7", undefined],
    ["another port", "[web-1]:2222 ssh-ed25519 AAAA", "web-1", 2222],
    ["a hashed name", `${hashed("web-1")} ssh-ed25519 AAAA`, "web-1", undefined],
    ["a hashed name with a port", `${hashed("[web-1]:2222")} ssh-ed25519 AAAA`, "web-1", 2222],
    ["among comments and blank lines", "# mine\n\nweb-1\tssh-ed25519\tAAAA\r\n", "web-1", undefined],
  ])("finds %s", (_, text, host, port) => {
    expect(hostKeysFromKnownHosts(text, host, port)).toEqual(["ssh-ed25519 AAAA"]);
  });

  it.each([
    ["another host", "web-2 ssh-ed25519 AAAA", "web-1", undefined],
    ["the default port's key for another port", "web-1 ssh-ed25519 AAAA", "web-1", 2222],
    ["a dot taken for any character", "10.0.0.2 ssh-ed25519 AAAA", "10a0.0.2", undefined],
    ["a negated pattern", "web-*,!web-1 ssh-ed25519 AAAA", "web-1", undefined],
    ["another hash", `${hashed("web-2")} ssh-ed25519 AAAA`, "web-1", undefined],
    ["an authority", "@cert-authority web-1 ssh-ed25519 AAAA", "web-1", undefined],
    ["a revoked key", "web-1 ssh-ed25519 AAAA\n@revoked * ssh-ed25519 AAAA", "web-1", undefined],
  ])("does not take %s", (_, text, host, port) => {
    expect(hostKeysFromKnownHosts(text, host, port)).toEqual([]);
  });

  it("gives all keys of a host, each once", () => {
    const text = "web-1 ssh-ed25519 AAAA\nweb-1 ssh-rsa BBBB\n* ssh-ed25519 AAAA\n";
    expect(hostKeysFromKnownHosts(text, "web-1")).toEqual(["ssh-ed25519 AAAA", "ssh-rsa BBBB"]);
  });
});
