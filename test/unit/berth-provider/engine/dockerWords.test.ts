import { describe, expect, it } from "vitest";
import { dockerWords } from "../../../../providers/berth/engine/dockerWords.js";

const stop = 'time="…" level=info msg="Processing signal \'terminated\'"';
const start = "Starting docker.service - Docker Application Container Engine...";
const info = 'time="…" level=info msg="Starting up"';
const cause =
  "unable to configure the Docker daemon with file /etc/docker/daemon.json: unknown: no-such-option";

describe("Docker's words about a failure", () => {
  it("begin with the failed start, without what is not about it", () => {
    expect(dockerWords([stop, "Stopped docker.service.", start, info, cause, ""].join("\n"))).toBe(
      `${start}\n${cause}`,
    );
  });

  it("are all there is where nothing is grave", () => {
    expect(dockerWords(`${stop}\n${info}\n`)).toBe(`${stop}\n${info}`);
  });
});
