import { containerRows } from "./containerRows.js";
import { imageRows } from "./imageRows.js";
import { networkRows } from "./networkRows.js";
import { pluginRows } from "./pluginRows.js";
import type { Row, World } from "./row.js";
import { serviceRows } from "./serviceRows.js";
import { swarmFileRows } from "./swarmFileRows.js";
import { volumeRows } from "./volumeRows.js";

/** Every argument of every resource: a value, one to change it to, and what that change is. */
export function allRows(world: World): Row<any>[] {
  return [
    ...containerRows(world),
    ...imageRows(world),
    ...networkRows(),
    ...pluginRows(world),
    ...serviceRows(world),
    ...swarmFileRows(),
    ...volumeRows(),
  ];
}
