import { describe, expect, it } from "vitest";
import { diffContainer } from "../../../providers/docker/container/diffContainer.js";
import type { ContainerInputs } from "../../../providers/docker/container/types.js";
import { unknown } from "../../../providers/kit/index.js";

type Some = Partial<ContainerInputs>;
const diff = (before: Some, after: Some) =>
  diffContainer({ image: "web", ...before }, { image: "web", ...after });
const changes = (before: Some, after: Some) =>
  diff(before, after).changes.map(({ path, kind }) => `${path} ${kind}`);

describe("diffContainer", () => {
  it.each<[string, Some, Some]>([
    [
      "a default that is spelled out",
      {},
      { restart: "no", mustRun: true, tty: false, networkMode: "bridge", shmSize: 64 },
    ],
    ["an empty list", {}, { envs: [], ports: [], labels: [], dns: [] }],
    ["the order of environment variables", { envs: ["A=1", "B=2"] }, { envs: ["B=2", "A=1"] }],
    [
      "the order of ports, and their defaults",
      {
        ports: [
          { internal: 80, external: 80 },
          { internal: 53, protocol: "udp" },
        ],
      },
      {
        ports: [
          { internal: 53, protocol: "udp", ip: "0.0.0.0" },
          { internal: 80, external: 80, protocol: "tcp" },
        ],
      },
    ],
    [
      "the prefix of a capability",
      { capabilities: { adds: ["NET_RAW"] } },
      { capabilities: { adds: ["CAP_NET_RAW"] } },
    ],
    [
      "another way to write a duration",
      { healthcheck: { interval: "60s" } },
      { healthcheck: { interval: "1m" } },
    ],
    ["another way to write a number", { cpus: "1.50" }, { cpus: "1.5" }],
  ])("does not take for a change: %s", (_, before, after) => {
    expect(changes(before, after)).toEqual([]);
    expect(changes(after, before)).toEqual([]);
  });

  it.each<[string, Some, Some, string[]]>([
    [
      "of an ordered list, by place",
      { command: ["a", "b"] },
      { command: ["a", "c", "d"] },
      ["command[1] update-replace", "command[2] add-replace"],
    ],
    [
      "of an unordered list, by element",
      { envs: ["A=1", "B=2", "C=3"] },
      { envs: ["C=3", "A=1"] },
      ["envs[1] delete-replace"],
    ],
    ["of the image", { image: "web" }, { image: "web:2" }, ["image update-replace"]],
    ["to a limit that is not known yet", { memory: 32 }, { memory: unknown as never }, ["memory update"]],
    [
      "to an environment that is not known yet",
      { envs: ["A=1"] },
      { envs: ["A=1", unknown as never] },
      ["envs[1] add-replace"],
    ],
    ["that lifts a limit", { cpuShares: 5 }, {}, ["cpuShares delete-replace"]],
    ["to a name", {}, { name: "web" }, ["name add"]],
  ])("finds a change %s", (_, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });

  it.each<[string, Some, Some, boolean]>([
    ["names of their own", {}, {}, false],
    ["the same given name", { name: "web" }, { name: "web" }, true],
    ["another given name", { name: "web" }, { name: "web-2" }, false],
    [
      "the same port",
      { ports: [{ internal: 80, external: 80 }] },
      { ports: [{ internal: 8080, external: 80 }] },
      true,
    ],
    [
      "the same port of another protocol",
      { ports: [{ internal: 80, external: 80 }] },
      { ports: [{ internal: 80, external: 80, protocol: "udp" }] },
      false,
    ],
    [
      "the same port on another address",
      { ports: [{ internal: 80, external: 80, ip: "10.0.0.1" }] },
      { ports: [{ internal: 80, external: 80, ip: "10.0.0.2" }] },
      false,
    ],
    [
      "the same port on every address",
      { ports: [{ internal: 80, external: 80, ip: "10.0.0.1" }] },
      { ports: [{ internal: 80, external: 80 }] },
      true,
    ],
    ["any free port", { ports: [{ internal: 80 }] }, { ports: [{ internal: 80 }] }, false],
    [
      "a port not known yet",
      { ports: [{ internal: 80, external: 80 }] },
      { ports: [{ internal: 80, external: unknown as never }] },
      false,
    ],
    ["the machine's own network", { networkMode: "host" }, { networkMode: "host" }, true],
    [
      "the same fixed address",
      { networksAdvanced: [{ name: "n", ipv4Address: "10.0.0.2" }] },
      { networksAdvanced: [{ name: "n", ipv4Address: "10.0.0.2" }] },
      true,
    ],
    [
      "any address of a network",
      { networksAdvanced: [{ name: "n" }] },
      { networksAdvanced: [{ name: "n" }] },
      false,
    ],
  ])("with %s, deletes first: %4$s", (_, before, after, first) => {
    expect(diff(before, { ...after, hostname: "other" }).deleteBeforeReplace).toBe(first);
  });
});
