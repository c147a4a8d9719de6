import { expect } from "vitest";
import type { Configuration } from "../../../providers/docker/configuration.js";
import type { ResourceHandler } from "../../../providers/kit/index.js";
import { Lifecycle, type TestCall } from "./lifecycle.js";
import type { Row } from "./rows/row.js";

/**
 * Create → no diff → refresh → nothing changed → no diff → change → the expected kind of change, carried out where it is
 * in place → import → no diff → delete → gone → deleted again. Gives what was created, for more to be looked at.
 */
export async function liveThrough<I extends object, S extends object>(
  handler: ResourceHandler<I, S, Configuration>,
  call: TestCall,
  { one, other, change, untold = [] }: Row<I>,
): Promise<void> {
  const life = await new Lifecycle(handler, call).create(one);
  try {
    expect(await life.diff(one), "after the creation").toEqual([]);
    await unchangedByRefresh(life);
    expect(await life.diff(one), "after a refresh").toEqual([]);
    await importsAs(life, one, untold);

    const found = await life.diff(other);
    expect(found.sort()).toEqual([...change].sort());
    if (found.some((text) => text.endsWith("-replace"))) return;
    await life.update(other);
    expect(await life.diff(other), "after the update").toEqual([]);
    await unchangedByRefresh(life);
    expect(await life.diff(other), "after the update and a refresh").toEqual([]);
    await importsAs(life, other, untold);
  } finally {
    await life.delete();
    expect(await life.refresh(), "after it was deleted").toBeUndefined();
    await life.delete();
  }
}

async function unchangedByRefresh<I extends object, S extends object>(life: Lifecycle<I, S>): Promise<void> {
  const { inputs, state } = life;
  await life.refresh();
  expect({ inputs: life.inputs, state: life.state }, "what a refresh gives").toEqual({ inputs, state });
}

async function importsAs<I extends object, S extends object>(
  life: Lifecycle<I, S>,
  inputs: I,
  untold: readonly string[],
): Promise<void> {
  // What was imported is known by its name, which the program then gives.
  const { name } = life.state as { name?: unknown };
  const given = name === undefined ? inputs : { ...inputs, name };
  const imported = new Lifecycle(life.handler, life.call);
  Object.assign(imported, await life.import(life.id));
  const found = (await imported.diff(given)).filter((text) => !untold.some((name) => text.startsWith(name)));
  expect(found, "after an import").toEqual([]);
}
