import { describe, expect, it } from "vitest";
import { checkContainer } from "../../../providers/docker/container/checkContainer.js";
import type { ContainerInputs } from "../../../providers/docker/container/types.js";
import { unknown } from "../../../providers/kit/index.js";

const mistakes = (inputs: Partial<ContainerInputs>) =>
  checkContainer({ image: "web", ...inputs }).map(({ property, reason }) => `${property}: ${reason}`);

describe("checkContainer", () => {
  it.each<[Partial<ContainerInputs>, string]>([
    [{ envs: ["A=1", "B"] }, "envs[1]: expected NAME=value"],
    [{ restart: "sometimes" }, 'restart: "sometimes" is none of no, on-failure, always, unless-stopped'],
    [
      { restart: "always", rm: true },
      'rm: a container that is removed when it exits can\'t be restarted; leave out rm, or restart ("always")',
    ],
    [
      { name: "a b" },
      'name: "a b" may hold letters, digits, "_", "." and "-" only, and starts with a letter or digit',
    ],
    [{ cpus: "many" }, 'cpus: "many" is not a positive number, such as "1.5"'],
    [{ memory: 4 }, "memory: 4 MB is less than Docker's least, 6 MB"],
    [
      { ports: [{ internal: 80, external: 70000 }] },
      "ports[0].external: 70000 is not a port number from 1 to 65535",
    ],
    [{ ports: [{ internal: 80, protocol: "http" }] }, 'ports[0].protocol: "http" is none of tcp, udp, sctp'],
    [
      { uploads: [{ file: "/a" }] },
      "uploads[0]: exactly one of content, contentBase64 and source must be given",
    ],
    [{ uploads: [{ file: "a", content: "" }] }, 'uploads[0].file: "a" is not an absolute path'],
    [
      { uploads: [{ file: "/a", content: "", permissions: "rw" }] },
      'uploads[0].permissions: "rw" is not an octal mode, such as "0644"',
    ],
    [{ volumes: [{ volumeName: "v" }] }, "volumes[0]: containerPath or fromContainer must be given"],
    [
      { healthcheck: { interval: "soon" } },
      'healthcheck.interval: "soon" is not a duration. Expected a number with a unit, such as "30s" or "1m30s".',
    ],
    [
      { healthcheck: { tests: ["curl"] } },
      'healthcheck.tests[0]: "curl" is none of CMD, CMD-SHELL, NONE: the first word says how the rest is run',
    ],
  ])("names the mistake in %j", (inputs, message) => {
    expect(mistakes(inputs)).toEqual([message]);
  });

  it("takes nothing that is not known yet for a mistake, and keeps the places of the rest", () => {
    expect(
      mistakes({
        name: unknown as never,
        restart: unknown as never,
        ports: unknown as never,
        envs: [unknown as never, "B"],
        healthcheck: { tests: unknown as never, interval: unknown as never },
        uploads: [{ file: unknown as never, content: unknown as never }],
      }),
    ).toEqual(["envs[1]: expected NAME=value"]);
  });
});
