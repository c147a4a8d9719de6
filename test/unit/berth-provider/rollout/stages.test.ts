import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "../../../../providers/berth/rollout/judge.js";
import { shareWeights } from "../../../../providers/berth/rollout/shareWeights.js";
import {
  finalLines,
  formerLines,
  generations,
  replicaOf,
  serverLines,
  stageLines,
} from "../../../../providers/berth/rollout/stageServers.js";

const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);

describe("the weights of a stage", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 20 });

  it("give the new servers their share of the requests, in weights that HAProxy takes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), weights, weights, (share, old, fresh) => {
        const given = shareWeights(share, old, fresh);
        const all = [...given.old, ...given.fresh];
        for (const weight of all) expect(weight).toBeOneOf(Array.from({ length: 257 }, (_, index) => index));
        expect(Math.abs((100 * sum(given.fresh)) / sum(all) - share)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it("leave the proportions within a generation as they are", () => {
    expect(shareWeights(50, [1, 1], [10, 20])).toEqual({ old: [192, 192], fresh: [128, 256] });
  });

  it("are nothing for the old ones at the end", () => {
    expect(shareWeights(100, [3, 5], [1, 7])).toEqual({ old: [0, 0], fresh: [1, 7] });
  });
});

describe("the servers of a rollout", () => {
  const present = serverLines([
    "server web-1-80 192.0.2.1:80 check weight 2",
    "server web-2-80 192.0.2.2:80 check",
    "server web-10-80 192.0.2.3:80 check",
  ]);
  const wanted = {
    "web-1": "server web-1-81 192.0.2.1:81 check",
    "web-2": "server web-2-80 192.0.2.2:80 check",
  };
  const before = generations(present, wanted);

  it("are told apart by their names", () => {
    expect(before.leaving.map(({ name }) => name)).toEqual(["web-1-80"]);
    expect(before.fresh.map(({ name }) => name)).toEqual(["web-1-81"]);
    expect(replicaOf("web-1-81")).toBe("web-1");
  });

  it("are those that are wanted at the end, and those of other replicas", () => {
    expect(finalLines(present, before, wanted)).toEqual([
      "server web-10-80 192.0.2.3:80 check",
      "server web-1-81 192.0.2.1:81 check",
      "server web-2-80 192.0.2.2:80 check",
    ]);
  });

  it("are at the end what they are without a rollout, whatever the stages before", () => {
    const whole = { "web-1": wanted["web-1"], "web-2": "server web-2-81 192.0.2.2:81 check" };
    const first = generations(present, whole);
    const staged = serverLines(stageLines(first, 30));
    expect(staged.map(({ name }) => name)).toEqual([
      "web-1-80",
      "web-2-80",
      "web-10-80",
      "web-1-81",
      "web-2-81",
    ]);
    expect(finalLines(staged, first, whole)).toEqual(finalLines(present, first, whole));
    expect(formerLines(first, false)).toEqual(present.map(({ text }) => text));
    expect(formerLines(first, true).slice(3)).toEqual([
      "server web-1-81 192.0.2.1:81 check weight 0",
      "server web-2-81 192.0.2.2:81 check weight 0",
    ]);
  });

  it("of a stage that broke off are of a new generation still", () => {
    const staged = serverLines(stageLines(before, 30));
    expect(generations(staged, wanted).fresh.map(({ name }) => name)).toContain("web-1-81");
    expect(generations(staged, wanted).leaving.map(({ name }) => name)).toEqual(["web-1-80"]);
  });
});

describe("the judgement on a stage", () => {
  const limits = { errorPercent: 1, responseMs: 300, minRequests: 20 };
  const good = { requests: 1000, failed: 10, responseMs: 300 };

  it("passes what is within the limits, and what is too little to tell", () => {
    expect(judge(good, limits)).toBeUndefined();
    expect(judge({ requests: 19, failed: 19, responseMs: 9000 }, limits)).toBeUndefined();
    expect(judge({ requests: 0, failed: 0, responseMs: 0 }, { ...limits, minRequests: 0 })).toBeUndefined();
    expect(judge({ requests: 1000, failed: 1000, responseMs: 9000 }, { minRequests: 1 })).toBeUndefined();
  });

  it("names the limit that is passed", () => {
    expect(judge({ ...good, failed: 11 }, limits)).toBe(
      "11 of 1000 answers of the new replicas were errors (1.1 %), and at most 1 % may be",
    );
    expect(judge({ ...good, responseMs: 300.26 }, limits)).toBe(
      "the new replicas' answers took 300.3 ms in the mean of 1000, and may take 300 ms",
    );
  });
});
