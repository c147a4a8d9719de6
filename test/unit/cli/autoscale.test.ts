import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { figuresOf } from "../../../cli/autoscale/measure.js";
import { decide, type Figures, recommend } from "../../../cli/autoscale/recommend.js";
import { withReplicas } from "../../../cli/autoscale.js";
import type { AutoscaleSpec } from "../../../components/topology/index.js";
import type { ServerFigures } from "../../../providers/berth/haproxy/serverFigures.js";

const spec: AutoscaleSpec = { min: 1, max: 10, requests: 100, tolerancePercent: 10, scaleInAfterMs: 60_000 };
const idle: Figures = { sessions: 0, queue: 0, requests: 0, responseMs: 0 };

describe("what the figures ask for", () => {
  test("is as many replicas as each is to have of the load", () => {
    expect(recommend(spec, 3, { ...idle, requests: 480 })).toEqual({
      replicas: 5,
      reason: "requests a second a replica 160 of 100",
    });
    expect(recommend(spec, 4, { ...idle, requests: 150 }).replicas).toBe(2);
    expect(recommend(spec, 4, idle).replicas).toBe(1);
  });

  test("is what the limit needs that is passed most", () => {
    const all = { ...spec, sessions: 10, queue: 1, responseMs: 200 };
    const busy = { sessions: 20, queue: 3, requests: 100, responseMs: 210 };
    expect(recommend(all, 2, busy)).toEqual({ replicas: 3, reason: "waiting a replica 1.5 of 1" });
    expect(recommend(all, 2, { ...busy, queue: 0, responseMs: 300 })).toEqual({
      replicas: 3,
      reason: "mean answer 300 ms of 200 ms",
    });
  });

  test("is what there is near to the limit", () => {
    for (const requests of [271, 300, 329]) {
      expect(recommend(spec, 3, { ...idle, requests }).replicas).toBe(3);
    }
  });

  test("is within the bounds, and at most twice as many at once", () => {
    const bounds = fc.record({ min: fc.integer({ min: 1, max: 5 }), more: fc.integer({ min: 0, max: 20 }) });
    fc.assert(
      fc.property(
        bounds,
        fc.integer({ min: 1, max: 30 }),
        fc.nat(100_000),
        ({ min, more }, replicas, requests) => {
          const found = recommend({ ...spec, min, max: min + more }, replicas, {
            ...idle,
            requests,
          }).replicas;
          expect(found).toBeGreaterThanOrEqual(min);
          expect(found).toBeLessThanOrEqual(min + more);
          expect(found).toBeLessThanOrEqual(Math.max(min, 2 * replicas));
        },
      ),
    );
  });
});

describe("what is done by it", () => {
  const wants = (replicas: number) => ({ replicas, reason: "" });
  const now = 1_000_000;

  test("more: at once", () => {
    expect(decide(spec, 2, wants(4), [], now)).toBe(4);
  });

  test("fewer: when for a while no run has asked for more", () => {
    const at = (secondsAgo: number, replicas: number) => ({ at: now - secondsAgo * 1000, replicas });
    expect(decide(spec, 4, wants(1), [], now)).toBe(4);
    expect(decide(spec, 4, wants(1), [at(50, 1), at(20, 1)], now)).toBe(4);
    expect(decide(spec, 4, wants(1), [at(61, 4), at(50, 1), at(20, 3)], now)).toBe(3);
    expect(decide(spec, 4, wants(1), [at(61, 9), at(50, 1), at(20, 1)], now)).toBe(1);
    expect(decide(spec, 4, wants(1), [at(61, 1), at(20, 6)], now)).toBe(4);
  });

  test("what is out of bounds: at once", () => {
    expect(decide(spec, 12, wants(10), [], now)).toBe(10);
  });
});

describe("a service's figures", () => {
  const row = (server: string, more: Partial<ServerFigures>): ServerFigures => ({
    server,
    address: "192.168.140.10:80",
    current: 0,
    queued: 0,
    requests: 0,
    failed: 0,
    responseMs: 0,
    down: false,
    lastCheck: "",
    checking: false,
    ...more,
  });

  test("are those of its replicas in every load balancer, and of their backends' queues", () => {
    const first = [
      [row("web/web-1-80", { requests: 100, current: 4 })],
      [row("web/web-2-80", { requests: 900 })],
    ];
    const last = [
      [
        row("web/BACKEND", { queued: 3, requests: 999 }),
        row("web/web-1-80", { requests: 150, current: 6, queued: 1, responseMs: 10 }),
        row("api/api-1-80", { requests: 5000 }),
        row("web/web-old-1-80", { requests: 5000 }),
      ],
      // Its HAProxy has started anew.
      [row("web/web-2-80", { requests: 50, responseMs: 30 })],
    ];
    expect(figuresOf("web", first, last, 10)).toEqual({
      sessions: 5,
      queue: 4,
      requests: 10,
      responseMs: 20,
    });
  });
});

test("the number of replicas changes in the stack's file, and nothing else", () => {
  const text = `config:
  # Ours.
  berth:services:
    web: { image: web, port: 80, replicas: 2 } # The shop.
    api: { image: web, port: 81 }
`;
  expect(withReplicas(text, new Map([["web", 5]]))).toBe(text.replace("replicas: 2", "replicas: 5"));
  expect(withReplicas(text, new Map([["api", 3]]))).toContain("api: { image: web, port: 81, replicas: 3 }");
});
