import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { labId, labPaths } from "../../../lab/labPaths.js";

const folder = mkdtempSync(join(tmpdir(), "berth-paths-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("everything of a lab carries its id", () => {
  const { id, ...places } = labPaths("ci-1");
  expect(id).toBe("ci-1");
  for (const place of Object.values(places)) {
    expect(place).toContain("ci-1");
  }
});

test.each(["", "A", "a/b", "../x", "a".repeat(25), "a b"])("the id %j can't be part of names", (id) => {
  expect(() => labPaths(id)).toThrow(`Lab id "${id}"`);
});

test("one folder has one lab, however it is written, and two folders have two", () => {
  const home = join(folder, "home");
  const id = labId(home);
  symlinkSync(home, join(folder, "link"));
  expect(labId(join(folder, "link"))).toBe(id);
  expect(labId(join(folder, "x", "..", "home"))).toBe(id);
  expect(labId(join(folder, "other"))).not.toBe(id);
});
