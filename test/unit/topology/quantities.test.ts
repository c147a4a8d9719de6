import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatDuration,
  formatSize,
  naturalOrder,
  parseDuration,
  parseSize,
} from "../../../components/topology/index.js";

test.each([
  ["512MiB", 512 * 2 ** 20],
  ["1.5 GiB", 1.5 * 2 ** 30],
  ["0B", 0],
  ["512MB", undefined],
  ["512mib", undefined],
  ["512", undefined],
  ["-1MiB", undefined],
  ["0.3B", undefined],
  ["99999999TiB", undefined],
])("the size %s", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  ["30s", 30_000],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
  ["250ms", 250],
  ["30", undefined],
  ["1d", undefined],
])("the duration %s", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test("sizes and durations are read back as they are written", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 30 }), fc.constantFrom(1, 1000, 1024, 60_000), (count, factor) => {
      expect(parseSize(formatSize(count * factor))).toBe(count * factor);
      expect(parseDuration(formatDuration(count * factor))).toBe(count * factor);
    }),
  );
  expect([formatSize(256 * 2 ** 20), formatSize(1280 * 2 ** 20), formatDuration(90_000)]).toEqual([
    "256MiB",
    "1280MiB",
    "90s",
  ]);
});

test("names are in the order that people count in", () => {
  const names = ["web-10", "web-2", "api", "web-02", "web-1", "web"];
  expect(names.sort(naturalOrder)).toEqual(["api", "web", "web-1", "web-02", "web-2", "web-10"]);
});
