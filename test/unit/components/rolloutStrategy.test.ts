import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { serversOf } from "../../../components/haproxy/index.js";
import { strategyOf, turns } from "../../../components/rolloutStrategy.js";

const keys = (count: number) => Array.from({ length: count }, (_, index) => `web-${index + 1}`);

describe("the turns of a rolling update", () => {
  const cases = fc
    .record({
      count: fc.integer({ min: 1, max: 30 }),
      maxSurge: fc.integer({ min: 0, max: 12 }),
      maxUnavailable: fc.integer({ min: 0, max: 12 }),
    })
    .filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0);

  test("bring every replica its turn, and never run more or fewer than is allowed", () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ count, maxSurge, maxUnavailable }, seed) => {
        const found = turns(keys(count), { strategy: "rolling", maxSurge, maxUnavailable });
        if (found === undefined) {
          expect(maxSurge).toBeGreaterThanOrEqual(count);
          return;
        }
        // Whatever may go on goes on in any order: a replica goes from old to between to new.
        const state = new Map(keys(count).map((key) => [key, "old"]));
        let random = seed;
        for (;;) {
          const ready = [...found].filter(
            ([key, { after }]) =>
              state.get(key) === "between" ||
              (state.get(key) === "old" && (after === undefined || state.get(after) === "new")),
          );
          if (ready.length === 0) break;
          random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
          const [key] = ready[random % ready.length]!;
          state.set(key, state.get(key) === "old" ? "between" : "new");
          const between = [...found].filter(([one]) => state.get(one) === "between");
          expect(between.filter(([, { leavesFirst }]) => !leavesFirst).length).toBeLessThanOrEqual(maxSurge);
          expect(between.filter(([, { leavesFirst }]) => leavesFirst).length).toBeLessThanOrEqual(
            maxUnavailable,
          );
        }
        expect([...state.values()].every((one) => one === "new")).toBe(true);
      }),
    );
  });

  test("round percentages as Kubernetes does, and never to a standstill", () => {
    const leaving = (maxSurge: string, maxUnavailable: string, count: number) => {
      const found = [...turns(keys(count), { strategy: "rolling", maxSurge, maxUnavailable })!.values()];
      return [
        found.filter(({ after }) => after === undefined).length,
        found.filter((one) => one.leavesFirst).length > 0,
      ];
    };
    expect(leaving("25%", "25%", 10)).toEqual([5, true]);
    expect(leaving("0%", "10%", 5)).toEqual([1, false]);
  });

  test("are not needed where all may change at once", () => {
    expect(turns(keys(3), { strategy: "rolling" })).toBeUndefined();
    expect(turns(keys(1), { strategy: "rolling", maxSurge: 1 })).toBeUndefined();
    expect(turns([], { strategy: "rolling", maxSurge: 1 })).toBeUndefined();
  });
});

test("a topology's strategy in the component's words", () => {
  const check = { status: 200, timeoutMs: 1500, minRequests: 5, errorPercent: 1, responseMs: 250 };
  expect(strategyOf({ strategy: "canary", weights: [10], holdMs: 60_000, check })).toEqual({
    strategy: "canary",
    weights: [10],
    hold: "60000ms",
    check: { status: 200, timeout: "1500ms", minRequests: 5, errorPercent: 1, responseTime: "250ms" },
  });
});

test("a service's servers are found in every backend of a configuration", () => {
  const config = `frontend http
    default_backend web
backend web
    server web-1-80 192.0.2.1:80 check
    server api-1-80 192.0.2.1:90 check
backend web-tls
    server web-1-80 192.0.2.1:80 check ssl
peers web
    server web-1-80 192.0.2.1:1024
`;
  expect(serversOf(config, { "web-1": "web-1-80" })).toEqual({
    web: { "web-1": "server web-1-80 192.0.2.1:80 check" },
    "web-tls": { "web-1": "server web-1-80 192.0.2.1:80 check ssl" },
  });
});
