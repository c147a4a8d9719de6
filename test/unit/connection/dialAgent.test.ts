import { PassThrough } from "node:stream";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { DialAgent } from "../../../providers/connection/dialAgent.js";

describe("DialAgent", () => {
  it("is described in a word, for docker-modem does so before each request", () => {
    const agent = new DialAgent(async () => new PassThrough());
    expect(inspect({ agent }, { showHidden: true, depth: null })).toBe("{ agent: DialAgent }");
  });
});
