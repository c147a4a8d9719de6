import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as docker from "@pulumi/docker";
import { describe, expect, it } from "vitest";
import { argumentEntries } from "../../../providers/docker/container/containerArguments.js";
import { definition } from "../../../providers/docker/definition.js";

const root = resolve(import.meta.dirname, "../../..");
const guide = readFileSync(resolve(root, "docs/docker-plugin.md"), "utf8");
const sdk = (file: string) => readFileSync(resolve(root, "node_modules/@pulumi/docker", file), "utf8");

/** The rows of the tables under a heading: the cells of each, the first without its quotes. */
function rows(heading: string): string[][][] {
  const section = guide.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return section
    .split(/\n\n+/)
    .filter((block) => block.startsWith("|"))
    .map((table) =>
      table
        .trim()
        .split("\n")
        .slice(2)
        .map((row) =>
          row
            .slice(1, -1)
            .split("|")
            .map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")),
        ),
    );
}

/** The members of an interface of the SDK. */
function members(file: string, name: string): string[] {
  const body = sdk(file).split(`export interface ${name} {`)[1]?.split("\n}")[0] ?? "";
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map((match) => match[1] as string).sort();
}

const first = (table: string[][] | undefined) => (table ?? []).map((row) => row[0]).sort();

describe("docs/docker-plugin.md", () => {
  it("lists every resource and function of the SDK, and as covered what the plugin has", () => {
    const noise = /Output$|^(config|types|default|BuilderVersion|module\.exports)$/;
    const [table] = rows("Resources and functions");
    expect(first(table)).toEqual(
      Object.keys(docker)
        .filter((name) => !noise.test(name))
        .sort(),
    );
    const covered = table?.filter(([, state]) => state?.startsWith("yes")).map(([name]) => name);
    const served = [...Object.keys(definition.resources), ...Object.keys(definition.functions ?? {})];
    expect(covered?.sort()).toEqual(["Provider", ...served.map((token) => token.split(":")[2])].sort());
  });

  it.each([
    ["Provider", 0, "provider.d.ts", "ProviderArgs"],
    ["Container", 0, "container.d.ts", "ContainerArgs"],
    ["Image", 0, "image.d.ts", "ImageArgs"],
    ["Image", 1, "types/input.d.ts", "DockerBuild"],
    ["RemoteImage", 0, "remoteImage.d.ts", "RemoteImageArgs"],
    ["RemoteImage", 1, "types/input.d.ts", "RemoteImageBuild"],
    ["Network", 0, "network.d.ts", "NetworkArgs"],
    ["Volume", 0, "volume.d.ts", "VolumeArgs"],
    ["Tag", 0, "tag.d.ts", "TagArgs"],
  ])("under %s, table %i, lists every member of %s's %s", (heading, table, file, name) => {
    expect(members(file, name)).not.toEqual([]);
    expect(first(rows(heading)[table])).toEqual(members(file, name));
  });

  it("says of each of a container's arguments what the plugin does with it", () => {
    const words = { replace: "replace", "in place": "in place", conduct: "in place, no call" };
    const expected = argumentEntries.map(([name, { api, effect }]) => [name, api, words[effect]]);
    expect(rows("Container")[0]?.sort()).toEqual(expected.sort());
  });
});
