import { expect, test } from "vitest";
import { isAtLeast, parseVersion } from "../../../toolchain/version.js";

test.each([
  ["v3.259.0\n", [3, 259, 0]],
  ["go1.26rc1", [1, 26]],
  ["3.200.0-alpha.1", [3, 200, 0]],
  ["", undefined],
  ["(devel)", undefined],
])("%j is %j", (text, numbers) => {
  expect(parseVersion(text)).toEqual(numbers);
});

test.each([
  ["v3.200.0", "3.200.0", true],
  ["v3.199.9", "3.200.0", false],
  ["v3.1000.0", "3.200.0", true],
  ["v4.0.0", "3.200.0", true],
  ["go1.25", "1.25.0", true],
  ["go1.25", "1.25.11", false],
  ["no version", "0.0.0", false],
])("%s is at least %s: %s", (version, least, expected) => {
  expect(isAtLeast(version, least)).toBe(expected);
});
