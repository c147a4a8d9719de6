import fc from "fast-check";
import { expect, test } from "vitest";
import { duration, formatDuration } from "../../../providers/kit/duration.js";

test.each([
  ["250ms", 250],
  ["30s", 30_000],
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  [" 2d ", 172_800_000],
])("%j is %d ms", (text, expected) => {
  expect(duration(text)).toBe(expected);
});

test.each(["", "10", "m", "10 m", "-5s", "10min", "1h30"])(
  "%j is refused with the way to write it",
  (text) => {
    expect(() => duration(text)).toThrow(
      `${JSON.stringify(text)} is not a duration: write a number with a unit, such as "30s", "10m" or "1h30m"`,
    );
  },
);

test.each([
  [0, "0ms"],
  [999, "999ms"],
  [999.6, "1s"],
  [90_000, "1m30s"],
  [3_600_000, "1h"],
])("%d ms is written %s", (milliseconds, expected) => {
  expect(formatDuration(milliseconds)).toBe(expected);
});

test("whole seconds are read as they are written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seconds) => {
      expect(duration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
});
