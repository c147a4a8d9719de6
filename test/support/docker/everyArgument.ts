import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { definition } from "../../../providers/docker/definition.js";
import { urnLabel } from "../../../providers/docker/plain.js";
import type { TestedEngine } from "../dockerEngine.js";
import { EngineProject } from "../engine.js";
import { typeScriptArguments } from "../typeScriptProcess.js";
import { type DockerServer, startDockerServer } from "./dockerServer.js";
import { callOn } from "./lifecycle.js";
import { liveThrough } from "./liveThrough.js";
import { allRows } from "./rows/allRows.js";
import type { Row, World } from "./rows/row.js";
import { makeWorld } from "./world.js";

/** Has what the rows say, in their first or second arguments. */
export const rowsProgram = `
import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
for (const { type, name, args } of JSON.parse(readFileSync("rows.json", "utf8"))) new docker[type](name, args);
`;
const plugin = typeScriptArguments(resolve(import.meta.dirname, "../../../providers/docker/main.ts"));

/** Two hundred resources at once, on a machine that may be busy with other things. */
const limitMs = 15 * 60_000;

/** What dockerd is started with, for the rows that need it. */
export const rowsOptions = ["--add-runtime=other=runc", "--experimental"];

/** What `rows.json` holds for these rows; `names` by resource, for those that are known by one. */
export function programOf(
  rows: readonly Row<any>[],
  set: "one" | "other",
  names: Readonly<Record<string, string>> = {},
): string {
  return JSON.stringify(
    rows.map(({ type, name, ...row }) => ({
      type,
      name,
      args: { ...row[set], ...(names[name] !== undefined && { name: names[name] }) },
    })),
  );
}

const tokenOf = (type: string) => `docker:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`;

/** The life of every row, all at once, through the stock SDK, the real engine and a real dockerd. */
export function describeEveryArgument(engine: TestedEngine): void {
  let server: DockerServer;
  let world: World;
  let leave: () => void;
  let project: EngineProject;
  let rows: Row<any>[];

  const want = (set: "one" | "other", names: Record<string, string> = {}) =>
    project.write("rows.json", programOf(rows, set, names));

  beforeAll(async () => {
    server = await startDockerServer(rowsOptions, engine);
    ({ world, leave } = await makeWorld(server));
    rows = allRows(world).filter((row) => !row.alone && isShownOn(engine, row));
    project = await EngineProject.create({
      program: rowsProgram,
      plugins: { docker: [process.execPath, ...plugin] },
      env: { DOCKER_HOST: server.host },
    });
  });
  afterAll(async () => {
    await project?.run("destroy", "--yes", "--skip-preview");
    // First, for all else ends with it.
    await server?.stop();
    leave?.();
    project?.discard();
  });

  describe(`every argument of every resource, through the stock SDK, on ${engine.name}`, {
    timeout: limitMs,
  }, () => {
    it("is created, stays, and is read as it was asked for", async () => {
      want("one");
      await project.up();
      expect(await project.changes(), "after the creation").toEqual({});
      await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
      expect(await project.changes(), "after a refresh").toEqual({});
    });

    it("is imported as it was asked for, but for what the engine does not tell", async () => {
      const state = project.resources();
      const imported = rows.filter(({ importedBy }) => importedBy !== "no");
      const resources = imported.map(({ type, name, importedBy }) => ({
        type: tokenOf(type),
        name,
        id: importedBy ?? state[name].id,
      }));
      project.write("import.json", JSON.stringify({ resources }));
      await project.succeed("stack", "init", "copy", "--no-select");
      const copy = ["--stack", "copy"];
      await project.succeed(
        "import",
        "--file",
        "import.json",
        "--yes",
        "--generate-code=false",
        "--protect=false",
        ...copy,
      );
      // An imported resource is known by its name, which the program then gives.
      const names = imported.flatMap(({ name }) => {
        const own = state[name].outputs.name;
        return own === undefined ? [] : [[name, own] as const];
      });
      want("one", Object.fromEntries(names));
      const found = await project.changes(...copy);
      const unexpected = imported.flatMap(({ name, untold = [] }) =>
        (found[name]?.changes ?? [])
          .filter((text) => !untold.some((prefix) => text.startsWith(prefix)))
          .map((text) => `${name}: ${text}`),
      );
      expect(unexpected).toEqual([]);
      await project.succeed("stack", "rm", "--force", "--yes", "copy");
      await project.succeed("stack", "select", "dev");
    });

    it("changes as it should, in place or by a replacement, and stays so", async () => {
      want("other");
      const found = await project.changes();
      const differing = Object.fromEntries(rows.map(({ name }) => [name, found[name]?.changes ?? []]));
      const expected = Object.fromEntries(rows.map(({ name, change }) => [name, [...change].sort()]));
      expect(differing).toEqual(expected);
      await project.up();
      expect(await project.changes(), "after the change").toEqual({});
      await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
      expect(await project.changes(), "after the change and a refresh").toEqual({});
    });

    it("goes, and has gone; what has gone can be deleted again", async () => {
      const state = project.resources();
      await project.succeed("destroy", "--yes", "--skip-preview");
      expect(await marked(server)).toEqual([]);
      for (const { type, name, other } of rows) {
        const { id, outputs, inputs } = state[name];
        const handler = definition.resources[tokenOf(type)]!;
        const call = callOn(server.host, name);
        // These leave the image where it is, or where others have it too.
        const stays = other.keepLocally || type === "RegistryImage" || (type === "Image" && !other.skipPush);
        if (!stays) expect(await handler.read?.(id, outputs, inputs, call), `${name}, read`).toBeUndefined();
        await handler.delete(id, outputs, call);
      }
    });
  });

  describe(`what gets in others' way, on ${engine.name}`, () => {
    it("an ingress network, of which there is one", async () => {
      await server.docker.getNetwork("ingress").remove();
      for (const row of allRows(world).filter(({ alone }) => alone)) {
        await liveThrough(definition.resources[tokenOf(row.type)]!, callOn(server.host, row.name), row);
      }
    });
  });
}

function isShownOn({ api, lacks = {} }: TestedEngine, row: Row<any>): boolean {
  return (row.api ?? 0) <= api && !Object.keys(lacks).some((start) => row.name.startsWith(start));
}

/** What the engine has of this plugin's making. */
async function marked({ docker }: DockerServer): Promise<string[]> {
  const filters = { label: [urnLabel] };
  const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) });
  const ofSwarm = [
    ...(await docker.listServices()),
    ...(await docker.listSecrets()),
    ...(await docker.listConfigs()),
  ];
  return [
    ...(await docker.listContainers({ all: true, filters })).flatMap(({ Names }) => Names),
    ...(await docker.listNetworks({ filters })).map(({ Name }) => Name),
    ...Volumes.map(({ Name }) => Name),
    ...ofSwarm.flatMap(({ Spec }: any) => (Spec.Labels?.[urnLabel] ? [Spec.Name] : [])),
  ];
}
