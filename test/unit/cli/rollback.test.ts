import type { Release } from "@berth/sdk";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type PastUpdate, previous, recipeOf, releasesOf, withRecipe } from "../../../cli/rollback.js";

const config = (more: object = {}) => ({
  "berth:services": { web: { image: "web", port: 80, ...more }, db: { image: { ref: "db@1" }, port: 5432 } },
  "berth:containerImages": { web: { context: "web" } },
});
/** An update of so many minutes past twelve; the engine writes no fractions of a second. */
const update = (minute: number, of: object, result = "succeeded", kind = "update"): PastUpdate => ({
  kind,
  result,
  endTime: `2026-11-01T12:${String(minute).padStart(2, "0")}:30.000Z`,
  config: Object.fromEntries(Object.entries(of).map(([key, objectValue]) => [key, { objectValue }])),
});
/** What an update brought up, a moment before its end. */
const release = (minute: number, image: string): Release => ({
  image,
  since: `2026-11-01T12:${String(minute).padStart(2, "0")}:30.500Z`,
});
const going = (
  history: readonly PastUpdate[],
  releases: readonly Release[],
  present: object,
  service = "web",
) => previous(history, releases, service, present as Record<string, unknown>)?.recipe;

test("after another content, with the same settings, it is the image before", () => {
  const history = [update(3, config()), update(2, config()), update(1, config())];
  const releases = [release(3, "web@b"), release(1, "web@a")];
  expect(going(history, releases, config())).toEqual({ image: { ref: "web@a" }, port: 80 });
});

test("after other settings it is those before, with the image of then, whatever changed for others meanwhile", () => {
  const other = { ...config({ replicas: 2 }), "berth:placement": { prefer: "pack" } };
  const history = [update(3, other), update(2, config({ replicas: 2 })), update(1, config())];
  expect(going(history, [release(1, "web@a")], config({ replicas: 2 }))).toEqual({
    image: { ref: "web@a" },
    port: 80,
  });
});

test("after a failed update it is what runs, as the content may be what failed; refreshes are none", () => {
  const history = [
    update(4, config(), "failed"),
    update(3, config(), "succeeded", "refresh"),
    update(2, config()),
    update(1, config()),
  ];
  const releases = [release(2, "web@b"), release(1, "web@a")];
  expect(going(history, releases, config())).toEqual({ image: { ref: "web@b" }, port: 80 });
});

test("once back, it goes to what it came from", () => {
  const back = config({ image: { ref: "web@a" } });
  const history = [update(3, back), update(2, config()), update(1, config())];
  const releases = [release(3, "web@a"), release(2, "web@b"), release(1, "web@a")];
  expect(going(history, releases, back)).toEqual({ image: { ref: "web@b" }, port: 80 });
});

test("where it ran nothing else there is nothing", () => {
  const history = [update(2, config()), update(1, config())];
  expect(going(history, [release(1, "web@a")], config())).toBeUndefined();
  expect(going(history, [], config(), "db")).toBeUndefined();
  // What was there before the first release that is known has no image to go back to.
  expect(going(history, [release(2, "web@a")], config())).toBeUndefined();
});

test("an image that isn't built here, and a machine's, stay as they are written", () => {
  expect(recipeOf("db", config(), "db@2")).toEqual({ image: { ref: "db@1" }, port: 5432 });
  const machine = { runsAs: "machine", image: "debian", port: 5432 };
  expect(recipeOf("db", { "berth:services": { db: machine } }, undefined)).toEqual(machine);
  expect(recipeOf("cache", config(), "cache@1")).toBeUndefined();
});

test("releases are found in the stack's state, by the service's name", () => {
  const releases = [release(1, "web@a")];
  const resource = (type: string, name: string) => ({
    type,
    urn: `urn:pulumi:dev::berth::berth:index:Site$berth:index:Service$${type}::${name}`,
    outputs: { releases },
  });
  const resources = [
    resource("berth:index:Rollout", "web"),
    resource("berth:index:ReleaseHistory", "other-web"),
    resource("berth:index:ReleaseHistory", "web"),
  ];
  expect(releasesOf("web", { resources })).toBe(releases);
  expect(releasesOf("web", { resources: resources.slice(0, 2) })).toEqual([]);
  expect(releasesOf("web", {})).toEqual([]);
});

test("the file gets what was, and stays what it is besides", () => {
  const text = `# What runs here.
config:
  berth:containerImages:
    web: { context: web } # built here
  berth:services:
    # The front.
    web: { image: web, port: 80, command: [broken] }
    db: { image: { ref: db@1 }, port: 5432 }
`;
  const recipe = { port: 80, image: { ref: "web@a" } };
  const after = withRecipe(text, "web", recipe);
  expect(parse(after).config["berth:services"].web).toEqual(recipe);
  const lines = text.split("\n");
  expect(after.split("\n").filter((line, index) => line !== lines[index])).toEqual([
    "    web: { image: { ref: web@a }, port: 80 }",
  ]);
  expect(withRecipe(after, "web", recipe)).toBe(after);
});
