import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "../../../providers/kit/changes.js";
import { settleDiff } from "../../../providers/kit/diff.js";
import { covers, formatPath, parsePath } from "../../../providers/kit/path.js";
import { signatureKey } from "../../../providers/kit/signatures.js";
import { unknown } from "../../../providers/kit/types.js";

const paths = (before: unknown, after: unknown) =>
  differences(before, after).map(({ path, kind }) => `${kind} ${formatPath(path)}`);

describe("differences", () => {
  test("of a value and itself: none", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(differences(value, structuredClone(value))).toEqual([]);
      }),
    );
  });

  test("of two values are none only where the values are the same, null and unset being one", () => {
    const plain = fc.jsonValue({ maxDepth: 2 });
    const dropNulls = (value: unknown) =>
      JSON.stringify(value, (_, it) => (isNullish(it) ? undefined : sorted(it)));
    const isNullish = (it: unknown) => it === null || it === undefined;
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        // In lists JSON keeps null: compare without lists that hold one.
        fc.pre(!/[[,]null/.test(JSON.stringify([a, b]).slice(1)));
        expect(differences(a, b).length === 0).toBe(dropNulls(a) === dropNulls(b));
      }),
    );
  });

  test.each([
    [{ a: 1 }, { a: 2 }, ["update a"]],
    [{ a: 1 }, { b: 1 }, ["delete a", "add b"]],
    [{ a: [1, 2, 3] }, { a: [1, 9] }, ["update a[1]", "delete a[2]"]],
    [{ a: [] }, { a: [{ b: 1 }] }, ["add a[0]"]],
    [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }, ["update a[0].b"]],
    [{ a: { b: 1 } }, { a: [1] }, ["update a"]],
    [{ a: 1 }, { a: "1" }, ["update a"]],
    [{ a: null }, {}, []],
    [{}, { a: unknown }, ["add a"]],
    [{ a: { b: 1 } }, { a: unknown }, ["update a"]],
    [{ "x.y": { "z w": 1 } }, { "x.y": {} }, ['delete ["x.y"]["z w"]']],
    [{ constructor: 1 }, {}, ["delete constructor"]],
  ])("from %j to %j", (before, after, expected) => {
    expect(paths(before, after)).toEqual(expected);
  });

  test("of assets go by their hash, as the engine leaves out the old contents", () => {
    const asset = (hash: string, rest = {}) => ({
      [signatureKey]: "c44067f5952c0a294b673a41bacd8c17",
      hash,
      ...rest,
    });
    expect(paths({ a: asset("1") }, { a: asset("1", { text: "x" }) })).toEqual([]);
    expect(paths({ a: asset("1") }, { a: asset("2") })).toEqual(["update a.hash"]);
  });
});

describe("settleDiff", () => {
  const drift = { changes: [{ path: "env[2]", kind: "update" as const, inputDiff: false }] };
  const inputs = { oldInputs: {}, inputs: {} };

  test("leaves out drift in what is ignored", () => {
    const settled = settleDiff(drift, { updatable: true, ignoreChanges: ["env"], ...inputs });
    expect(settled.changes).toEqual([]);
  });

  test("keeps a change that is wider than what is ignored", () => {
    const whole = { changes: [{ path: "env", kind: "delete" as const }] };
    const settled = settleDiff(whole, { updatable: true, ignoreChanges: ["env[2]"], ...inputs });
    expect(settled.changes).toEqual(whole.changes);
  });

  test("replaces where nothing can be updated", () => {
    const settled = settleDiff(drift, { updatable: false, ignoreChanges: [], ...inputs });
    expect(settled.changes).toEqual([{ path: "env[2]", kind: "update-replace", inputDiff: false }]);
  });
});

describe("paths", () => {
  test("are read as they are written", () => {
    const name = fc.string().filter((it) => it !== "*");
    const path = fc.array(fc.oneof(name, fc.nat()), { minLength: 1 });
    fc.assert(
      fc.property(path, (steps) => {
        expect(parsePath(formatPath(steps))).toEqual(steps);
      }),
    );
  });

  test.each([
    ["ports", "ports[0].internal", true],
    ["ports[*].internal", "ports[0].internal", true],
    ["ports[*].external", "ports[0].internal", false],
    ["*", "anything", true],
    ["ports[0]", "ports", false],
    ['labels["a.b"]', 'labels["a.b"]', true],
    ["labels.a", "labelsa", false],
  ])("%s covers %s: %s", (pattern, path, expected) => {
    expect(covers(parsePath(pattern), parsePath(path))).toBe(expected);
  });

  test("ends, however a pattern is misspelt", () => {
    fc.assert(
      fc.property(fc.string(), (pattern) => {
        expect(parsePath(pattern)).toBeInstanceOf(Array);
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
