import { describe, expect, it } from "vitest";
import { dockerWords } from "../../../../providers/berth/engine/dockerWords.js";

const stop = 'time="…" level=info msg="Processing signal \'terminated\'"';
const start = "Starting docker.service - Docker Application Container Engine...";
const info = 'time="…" level=info msg="Starting up"';
const cause = "failed to start daemon: invalid CIDR address: 300.1.1.1/24";
const failed = "Failed to start docker.service - Docker Application Container Engine.";

describe("Docker's words about a failure", () => {
  it("are those of the start that failed, not of the next one that systemd tries", () => {
    const journal = [
      stop,
      "Stopped docker.service.",
      start,
      info,
      cause,
      failed,
      "Stopped.",
      start,
      info,
      "",
    ];
    expect(dockerWords(journal.join("\n"))).toBe(`${start}\n${cause}\n${failed}`);
  });

  it("are those of a start that has not failed yet", () => {
    expect(dockerWords([stop, start, info, cause].join("\n"))).toBe(`${start}\n${cause}`);
  });

  it("are all there is where nothing is grave", () => {
    expect(dockerWords(`${stop}\n${info}\n`)).toBe(`${stop}\n${info}`);
  });
});
