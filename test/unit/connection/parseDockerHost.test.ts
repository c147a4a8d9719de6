import { describe, expect, it } from "vitest";
import { parseDockerHost } from "../../../providers/connection/index.js";

describe("parseDockerHost", () => {
  it.each([
    ["unix:///run/d.sock", { kind: "unix", path: "/run/d.sock" }],
    ["unix://", { kind: "unix", path: "/var/run/docker.sock" }],
    ["ssh://web-1", { kind: "ssh", host: "web-1", path: "/var/run/docker.sock" }],
    [
      "ssh://berth@10.0.0.2:2222/run/d.sock",
      { kind: "ssh", host: "10.0.0.2", port: 2222, user: "berth", path: "/run/d.sock" },
    ],
    ["ssh://berth@[fd00::2]", { kind: "ssh", host: "fd00::2", user: "berth", path: "/var/run/docker.sock" }],
    ["tcp://10.0.0.2", { kind: "tcp", host: "10.0.0.2", port: 2375 }],
    ["tcp://10.0.0.2:4243", { kind: "tcp", host: "10.0.0.2", port: 4243 }],
  ])("takes %s apart", (address, expected) => {
    expect(parseDockerHost(address)).toEqual(expected);
  });

  it("takes the TLS port where there are certificates", () => {
    expect(parseDockerHost("tcp://10.0.0.2", true)).toMatchObject({ port: 2376 });
  });

  it.each([
    ["web-1", "it names no host"],
    ["unix://run/d.sock", "the socket's path must be absolute"],
    ["ssh://berth:secret@web-1", "passwords are not supported"],
    ["npipe:////./pipe/docker", "names no host"],
    ["ftp://web-1", '"ftp://" is not supported here'],
  ])("refuses %s", (address, reason) => {
    expect(() => parseDockerHost(address)).toThrow(reason);
  });
});
