import { describe, expect, it } from "vitest";
import { parseIgnoreRules } from "../../../providers/docker/image/ignoreRules.js";

describe("parseIgnoreRules", () => {
  it.each([
    ["node_modules", "node_modules", true],
    ["node_modules", "node_modules/a/b.js", true],
    ["node_modules", "app/node_modules", false],
    ["**/node_modules", "app/node_modules/x", true],
    ["**/node_modules", "node_modules", true],
    ["/dist/", "dist/index.js", true],
    ["./dist", "dist", true],
    ["a/../dist", "dist", true],
    ["*.log", "error.log", true],
    ["*.log", "logs/error.log", false],
    ["**/*.log", "logs/deep/error.log", true],
    ["docs/**", "docs/a/b.md", true],
    ["docs/**/*.md", "docs/b.md", true],
    ["docs/**/*.md", "docs/x/y/b.md", true],
    ["docs/**/*.md", "docs/b.txt", false],
    ["?.txt", "a.txt", true],
    ["?.txt", "ab.txt", false],
    ["[ab].txt", "b.txt", true],
    ["[a-c].txt", "d.txt", false],
    ["[^a].txt", "b.txt", true],
    ["a.txt", "a-txt", false],
    ["\\*.txt", "*.txt", true],
    ["\\*.txt", "a.txt", false],
    ["# node_modules", "# node_modules", false],
    ["", "a", false],
    [".", "a", false],
  ])("%j and %j: %s", (pattern, path, ignored) => {
    expect(parseIgnoreRules(pattern).ignores(path)).toBe(ignored);
  });

  it("lets the last match win, so that a path can be taken back in", () => {
    const rules = parseIgnoreRules("*\n!src\nsrc/*.test.ts\n");
    expect(["a", "src/a.ts", "src/a.test.ts"].map(rules.ignores)).toEqual([true, false, true]);
    expect(rules.hasExceptions).toBe(true);
  });
});
