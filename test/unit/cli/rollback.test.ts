import { expect, test } from "vitest";
import { parse } from "yaml";
import { type PastUpdate, previous, recipeOf, withRecipe } from "../../../cli/rollback.js";

const config = (version: number, more: object = {}) => ({
  "berth:services": { web: { image: "web", port: 80, ...more }, db: { image: "db", port: 5432 } },
  "berth:containerImages": { web: { context: "web", args: { VERSION: version } }, db: { context: "db" } },
});
const update = (of: object, result = "succeeded", kind = "update"): PastUpdate => ({
  kind,
  result,
  endTime: `${JSON.stringify(of).length}`,
  config: Object.fromEntries(Object.entries(of).map(([key, objectValue]) => [key, { objectValue }])),
});
const versionOf = (found: ReturnType<typeof previous>) =>
  (found?.recipe.image?.settings as { args: { VERSION: number } } | undefined)?.args.VERSION;

test("what a service is made from are its settings and those of its image", () => {
  expect(recipeOf("web", config(1))).toEqual({
    service: { image: "web", port: 80 },
    image: { name: "web", settings: { context: "web", args: { VERSION: 1 } } },
  });
  expect(recipeOf("cache", config(1))).toBeUndefined();
});

test("after a good update it is the one before with other settings, whatever changed for others meanwhile", () => {
  const other = { ...config(2), "berth:placement": { prefer: "pack" } };
  const history = [update(config(2)), update(other), update(config(1)), update(config(0))];
  expect(versionOf(previous(history, "web", recipeOf("web", config(2))!))).toBe(1);
});

test("after a failed update it is the last good one; refreshes and failed ones are none", () => {
  const history = [
    update(config(3), "failed"),
    update(config(2), "succeeded", "refresh"),
    update(config(1)),
    update(config(0)),
  ];
  expect(versionOf(previous(history, "web", recipeOf("web", config(3))!))).toBe(1);
});

test("where there was never another one, there is none", () => {
  expect(
    previous([update(config(1)), update(config(1))], "web", recipeOf("web", config(1))!),
  ).toBeUndefined();
  expect(previous([update(config(1))], "db", recipeOf("db", config(1))!)).toBeUndefined();
});

test("the file gets what was, and stays what it is besides", () => {
  const text = `# What runs here.
config:
  berth:containerImages:
    web: { context: web, args: { VERSION: 2 } } # built here
    db: { context: db }
  berth:services:
    # The front.
    web: { image: web, port: 80, command: [broken] }
    db: { image: db, port: 5432 }
`;
  const recipe = recipeOf("web", config(1))!;
  const after = withRecipe(text, "web", recipe);
  expect(recipeOf("web", parse(after).config)).toEqual(recipe);
  const lines = text.split("\n");
  expect(after.split("\n").filter((line, index) => line !== lines[index])).toEqual([
    expect.stringMatching(/^ {4}web: \{ context: web, args: \{ VERSION: 1 \} \}/),
    "    web: { image: web, port: 80 }",
  ]);
  expect(withRecipe(after, "web", recipe)).toBe(after);
});
