import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oldestEngine } from "../dockerEngine.js";
import { EngineProject } from "../engine.js";
import { type DockerServer, startDockerServer } from "./dockerServer.js";
import { programOf, rowsOptions, rowsProgram } from "./everyArgument.js";
import { allRows } from "./rows/allRows.js";
import type { Row } from "./rows/row.js";
import { makeWorld } from "./world.js";

/** What becomes of each row under a plugin. */
interface Fate {
  readonly created: boolean;
  /** What a preview right after the creation wants to change. */
  readonly perpetual: string;
  /** What the other set of arguments does to it. */
  readonly change: string;
}

/** The same program, on Pulumi's own plugin: the differences are printed, for none of them is a mistake of ours. */
export function describeBesideOfficial(plugin: string): void {
  let server: DockerServer;
  let leave: () => void;
  let project: EngineProject;
  let rows: Row<any>[];

  beforeAll(async () => {
    server = await startDockerServer(rowsOptions);
    const made = await makeWorld(server);
    leave = made.leave;
    rows = allRows(made.world).filter(({ alone, api = 0 }) => !alone && api <= oldestEngine.api);
    project = await EngineProject.create({
      program: rowsProgram,
      plugins: { docker: [plugin] },
      env: { DOCKER_HOST: server.host },
    });
  });
  afterAll(async () => {
    await project?.run("destroy", "--yes", "--skip-preview");
    await server?.stop();
    leave?.();
    project?.discard();
  });

  describe(`beside ${plugin}`, { timeout: 15 * 60_000 }, () => {
    it("runs the same program, and tells what it does otherwise", async () => {
      project.write("rows.json", programOf(rows, "one"));
      await project.run("up", "--yes", "--skip-preview", "--continue-on-error");
      const there = project.resources();
      const after = await project.changes();
      project.write("rows.json", programOf(rows, "other"));
      const changed = await project.changes();
      const fates = Object.fromEntries(
        rows.map(({ name }): [string, Fate] => [
          name,
          {
            created: there[name] !== undefined,
            perpetual: kindOf(after[name]?.ops ?? []),
            change: kindOf(changed[name]?.ops ?? []),
          },
        ]),
      );
      const lines = rows.flatMap((row) => differences(row, fates[row.name]!));
      console.info([`${lines.length} differences from ${plugin}:`, ...lines].join("\n"));
      expect(Object.values(fates).some(({ created }) => created)).toBe(true);
    });
  });
}

function differences({ name, change }: Row<any>, { created, perpetual, change: theirs }: Fate): string[] {
  if (!created) return [`${name}: it does not create this`];
  const ours = change.some((text) => text.endsWith("-replace"))
    ? "replace"
    : change.length > 0
      ? "update"
      : "";
  return [
    ...(perpetual ? [`${name}: right after its creation it wants to ${perpetual} it`] : []),
    ...(theirs === ours
      ? []
      : [`${name}: a change is "${theirs || "none"}" there, "${ours || "none"}" here`]),
  ];
}

function kindOf(ops: readonly string[]): string {
  if (ops.some((op) => op.includes("replace"))) return "replace";
  return ops.includes("update") ? "update" : "";
}
