import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { argumentEntries } from "../../../providers/docker/container/containerArguments.js";
import { definition } from "../../../providers/docker/definition.js";
import { type Member, readSdk, type SdkType } from "./support/sdk.js";
import { sdkSchema } from "./support/sdkSchema.js";

const root = resolve(import.meta.dirname, "../../..");
const guide = readFileSync(resolve(root, "docs/docker-plugin.md"), "utf8");
const sdk = readSdk();
const all = [...sdk.resources, ...sdk.functions];

interface Table {
  /** The text before it. */
  readonly title: string;
  /** The cells of each row, without their quotes where they are code as a whole. */
  readonly rows: string[][];
}

function tables(heading: string): Table[] {
  const section = guide.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const blocks = section.split(/\n\n+/);
  return blocks.flatMap((block, i) => {
    if (!block.startsWith("|")) return [];
    const rows = block.trim().split("\n").slice(2).map(cells);
    return [{ title: blocks[i - 1] ?? "", rows }];
  });
}

function cells(row: string): string[] {
  const texts = row.slice(1, -1).split("|");
  return texts.map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1"));
}

const names = (members: readonly Member[]) => members.map(({ name }) => name).sort();
const first = (table: Table | undefined) => (table?.rows ?? []).map((row) => row[0]).sort();

/** The objects inside of arguments, at any depth, as `path: members`. */
function nested(members: readonly Member[], path = ""): Map<string, Member[]> {
  const found = new Map<string, Member[]>();
  for (const { name, type } of members) {
    let [inner, here]: [SdkType, string] = [type, path === "" ? name : `${path}.${name}`];
    while (inner.kind === "list" || inner.kind === "map") {
      here += inner.kind === "list" ? "[]" : ".*";
      inner = inner.of;
    }
    if (inner.kind !== "object") continue;
    const own = sdk.members(inner);
    found.set(here, own);
    for (const [deeper, theirs] of nested(own, here)) found.set(deeper, theirs);
  }
  return found;
}

/** What the page says of an object inside: a table of its own, or a row of the table of members. */
function told(heading: string, path: string): string[] | undefined {
  const [, ...others] = tables(heading);
  const own = others.find(({ title }) => title.startsWith(`\`${path}\`:`));
  if (own) return first(own) as string[];
  const row = others
    .filter(({ title }) => title.startsWith("Members"))
    .flatMap(({ rows }) => rows.find(([at]) => at === path) ?? []);
  return row[1]?.replaceAll("`", "").split(", ").sort();
}

describe("docs/docker-plugin.md", () => {
  it("is about the SDK that is installed, and the plugin says to be of its version", () => {
    expect(guide).toContain(`\`@pulumi/docker\` ${sdk.version}`);
    expect(definition.version).toBe(sdk.version);
  });

  it("lists every resource and function of the SDK, and as covered what the plugin has", () => {
    const [table] = tables("Resources and functions");
    expect(first(table)).toEqual(all.map(([name]) => name).sort());
    const covered = table?.rows.filter(([, state]) => state?.startsWith("yes")).map(([name]) => name);
    const served = [...Object.keys(definition.resources), ...Object.keys(definition.functions ?? {})];
    expect(covered?.sort()).toEqual(["Provider", ...served.map((token) => token.split(":")[2])].sort());
  });

  it.each(all)("lists every argument of %s", (heading, { inputs }) => {
    expect(inputs).not.toEqual([]);
    expect(first(tables(heading)[0])).toEqual(names(inputs));
  });

  const inside = all.flatMap(([heading, { inputs }]) =>
    [...nested(inputs)].map(([path, members]) => ({ heading, path, members: names(members) })),
  );
  it.each(inside)("lists every member of $heading's $path", ({ heading, path, members }) => {
    expect(told(heading, path)).toEqual(members);
  });

  it("says of each of a container's arguments what the plugin does with it", () => {
    const words = { replace: "replace", "in place": "in place", conduct: "in place, no call" };
    const expected = argumentEntries.map(([name, { api, effect }]) => [name, api, words[effect]]);
    expect(tables("Container")[0]?.rows.sort()).toEqual(expected.sort());
  });
});

describe("the schema that is served", () => {
  it("is the SDK's (`vitest -u` writes it anew)", async () => {
    const text = `${JSON.stringify(sdkSchema(sdk))}\n`;
    await expect(text).toMatchFileSnapshot(resolve(root, "providers/docker/schema.json"));
  });

  it("has every token that is served", () => {
    const { resources, functions } = sdkSchema(sdk) as Record<string, Record<string, unknown>>;
    expect(Object.keys(resources ?? {})).toEqual(expect.arrayContaining(Object.keys(definition.resources)));
    expect(Object.keys(functions ?? {})).toEqual(Object.keys(definition.functions ?? {}));
  });
});
