import { expect, test } from "vitest";
import { againstSteady } from "../../bench/rollout/againstSteady.js";

const phases = [
  { name: "warm-up", p99Ms: 50 },
  { name: "steady 1", p99Ms: 4 },
  { name: "canary 1", p99Ms: 6 },
  { name: "steady 2", p99Ms: 8 },
  { name: "canary 2", p99Ms: 9 },
  { name: "rollout 1", p99Ms: 20 },
  { name: "steady 3", p99Ms: 10 },
];

test("each update is held against the steady load nearest to it, before and after", () => {
  expect(againstSteady(phases, /^canary \d/)).toEqual([1, 1]);
  expect(againstSteady(phases, /^rollout \d/)).toEqual([20 / 9]);
  expect(againstSteady(phases, /^rolling \d/)).toEqual([]);
});

test("an update without steady load after it is refused", () => {
  expect(() => againstSteady(phases.slice(0, -1), /^canary \d/)).toThrow("no steady load beside canary 2");
});
