import fc from "fast-check";
import { expect, test } from "vitest";
import { describeOutage, type Outage, refusal } from "../../../../providers/berth/domain/outage.js";

const resident = (replica: string, more: object = {}) => ({
  replica,
  service: replica.replace(/-\d+$/, ""),
  replicas: 2,
  address: "192.168.140.10",
  port: 80,
  servers: [`public/${replica}-80`],
  settleMs: 4000,
  ...more,
});
const outage = (
  kind: Outage["effect"]["kind"],
  residents: Outage["residents"],
  machine = "web-1",
): Outage => ({
  machine,
  effect: { kind, because: kind === "restart" ? ["memory 1024 → 2048 MiB"] : ["seed"] },
  residents,
  limitMs: 13 * 60_000,
});

test("what restarts names every container and every server that stops, for how long, and how many of how many", () => {
  const both = [resident("web-1"), resident("api-2", { servers: [] })];
  expect(describeOutage(outage("restart", both))).toBe(
    "web-1 restarts (memory 1024 → 2048 MiB): web-1 (server public/web-1-80), api-2 stop for 13m at most, " +
      'one machine after another; away then: 1 of 2 of service "web", 1 of 2 of service "api"',
  );
});

test("what is replaced is away until it is made anew", () => {
  expect(describeOutage(outage("replace", [resident("web-1")]))).toBe(
    "web-1 is replaced (seed): web-1 (server public/web-1-80) stop until it is made anew and runs them again; " +
      'away then: 1 of 2 of service "web"',
  );
});

test("nothing is said where nothing stops", () => {
  expect(describeOutage(outage("in place", [resident("web-1")]))).toBeUndefined();
  expect(describeOutage(outage("restart", []))).toContain("no replica of a service runs in it");
});

test("a service that may have none away refuses the plan, with the reason and the fix", () => {
  expect(refusal(outage("restart", [resident("web-1", { maxUnavailable: 0 })]), [])).toBe(
    'machine "web-1" would restart (memory 1024 → 2048 MiB), which stops web-1, and service "web" says "maxUnavailable": 0. ' +
      'Have them run elsewhere first ("berth drain web-1"), or allow more.',
  );
  expect(refusal(outage("in place", [resident("web-1", { maxUnavailable: 0 })]), [])).toBeUndefined();
  expect(refusal(outage("restart", [resident("web-1")]), [])).toBeUndefined();
});

test("restarts come one after another, replacements together", () => {
  const here = [resident("web-1", { maxUnavailable: 1 })];
  const there = [outage("restart", [resident("web-2", { maxUnavailable: 1 })], "web-2")];
  expect(refusal(outage("restart", here), there)).toBeUndefined();
  const replaced = [outage("replace", [resident("web-2", { maxUnavailable: 1 })], "web-2")];
  expect(refusal(outage("restart", here), replaced)).toBeUndefined();
  expect(refusal(outage("replace", here), replaced)).toContain("stops web-1, web-2");
});

test("whatever the plan, it is refused where a service has more away at once than it allows", () => {
  const machines = fc.array(
    fc.record({
      kind: fc.constantFrom("in place" as const, "restart" as const, "replace" as const),
      count: fc.nat(3),
    }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(machines, fc.nat(4), (plan, maxUnavailable) => {
      let index = 0;
      const outages = plan.map(({ kind, count }, machine) =>
        outage(
          kind,
          Array.from({ length: count }, () => resident(`web-${++index}`, { maxUnavailable })),
          `m${machine}`,
        ),
      );
      const refused = outages.some((one, at) => refusal(one, outages.slice(0, at)) !== undefined);
      const restarts = plan.filter(({ kind }) => kind === "restart").map(({ count }) => count);
      const replaced = plan
        .filter(({ kind }) => kind === "replace")
        .reduce((sum, { count }) => sum + count, 0);
      expect(refused).toBe(Math.max(replaced, ...restarts, 0) > maxUnavailable);
    }),
  );
});
