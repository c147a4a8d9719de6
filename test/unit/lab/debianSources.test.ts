import { expect, test } from "vitest";
import { sourcesFromTargets } from "../../../lab/debianSources.js";

test("the mirrors of this machine, with the guests' suite", () => {
  const listing = [
    "http://mirror.example/debian/ bookworm main bookworm",
    "http://mirror.example/debian/ bookworm-updates main bookworm-updates",
    "http://security.example/debian-security/ bookworm-security main bookworm-security",
    "https://tools.example/apt nodistro main nodistro",
  ].join("\n");
  expect(sourcesFromTargets(listing)).toBe(
    [
      "deb http://mirror.example/debian/ bookworm main",
      "deb http://mirror.example/debian/ bookworm-updates main",
      "deb http://security.example/debian-security/ bookworm-security main",
      "",
    ].join("\n"),
  );
});

test("a machine with a newer Debian makes the same guests", () => {
  const listing = [
    "http://mirror.example/debian/ trixie main trixie",
    "http://mirror.example/debian/ trixie non-free trixie",
  ].join("\n");
  expect(sourcesFromTargets(listing)).toContain("deb http://mirror.example/debian/ bookworm main\n");
});

test("a repository for Debian that is not Debian's own is no mirror", () => {
  expect(() => sourcesFromTargets("https://tools.example/debian-tools bookworm main bookworm")).toThrow(
    "apt on this machine knows no mirror of Debian",
  );
});
