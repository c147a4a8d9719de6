import { describe, expect, it } from "vitest";
import { definition } from "../../../providers/docker/definition.js";
import { allRows } from "../../support/docker/rows/allRows.js";
import { buildxRows } from "../../support/docker/rows/buildxRows.js";
import { type Member, readSdk, type SdkType } from "./support/sdk.js";

const sdk = readSdk();
const world = {
  image: "image",
  otherImage: "other",
  registry: "registry",
  folder: "/folder",
  networkId: "network",
  secretId: "secret",
  configId: "config",
  donor: "donor",
  site: "http://site",
  plugin: "plugin",
  otherPlugin: "other",
  pluginPermissions: [{ name: "mount", values: ["/usr"] }],
};
const rows = [...allRows(world), ...buildxRows(world)];

/** What the rows can't show on any machine that the tests run on, and why. */
const elsewhere: Record<string, string> = {
  "Container storageOpts.*": "needs XFS with project quotas",
  "RemoteImage build.securityOpts[]": "refused: Docker takes none for builds on Linux",
};

/** What can be given and not be changed to anything else. */
const constant: Record<string, string> = {
  "BuildxBuilder bootstrap": "to boot one needs an image of BuildKit",
  "Image buildOnPreview": "a preview touches nothing",
  "Image registry": "credentials alone build nothing anew, and another server is another imageName",
};

/** The paths of all that can be given: `ports[].ip`, `labels[].label`, `sysctls.*`. */
function leaves(members: readonly Member[], path = ""): string[] {
  return members.flatMap(({ name, type }) => {
    let [inner, here]: [SdkType, string] = [type, path === "" ? name : `${path}.${name}`];
    while (inner.kind === "list" || inner.kind === "map") {
      here += inner.kind === "list" ? "[]" : ".*";
      inner = inner.of;
    }
    return inner.kind === "object" ? leaves(sdk.members(inner), here) : [here];
  });
}

/** Does this value give something at this path? */
function gives(value: unknown, steps: readonly string[]): boolean {
  if (value === undefined || value === null) return false;
  const [step, ...rest] = steps;
  if (step === undefined) return true;
  if (step === "[]") return Array.isArray(value) && value.some((element) => gives(element, rest));
  if (step === "*") return Object.values(value).some((member) => gives(member, rest));
  return gives((value as Record<string, unknown>)[step], rest);
}

const stepsOf = (path: string) => path.replaceAll("[]", ".[]").split(".");
const served = Object.keys(definition.resources).map((token) => token.split(":")[2] as string);

/** `build` is one and the same in both: shown on one of them. */
const shownOn = (resource: string, path: string) =>
  resource === "RegistryImage" && /^build\b/.test(path) ? "RemoteImage" : resource;

describe.each(served)("the rows about %s", (resource) => {
  const { inputs } = sdk.resources.get(resource)!;
  const rowsOf = (type: string) => rows.filter((row) => row.type === type);

  it("give every argument, down to the last member", () => {
    const missing = leaves(inputs).filter((path) => {
      if (elsewhere[`${shownOn(resource, path)} ${path}`]) return false;
      const all = rowsOf(shownOn(resource, path));
      return !all.some(({ one, other }) => [one, other].some((given) => gives(given, stepsOf(path))));
    });
    expect(missing).toEqual([]);
  });

  it("change every argument", () => {
    const unchanged = inputs
      .map(({ name }) => name)
      .filter((name) => {
        if (constant[`${resource} ${name}`] || elsewhere[`${resource} ${name}.*`]) return false;
        const changes = rowsOf(shownOn(resource, name)).flatMap(({ change }) => change);
        return !changes.some((text) => new RegExp(`^${name}\\b`).test(text));
      });
    expect(unchanged).toEqual([]);
  });

  it("have names of their own, and are about what the SDK has", () => {
    const names = rowsOf(resource).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const known = new Set(inputs.map(({ name }) => name));
    const unknown = rowsOf(resource).flatMap(({ one, other }) =>
      Object.keys({ ...one, ...other }).filter((name) => !known.has(name)),
    );
    expect(unknown).toEqual([]);
  });
});
