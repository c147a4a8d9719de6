import { table } from "../table.js";
import type { Timings } from "./timings.js";

/** Both tables, in seconds; a dash stands for what was not measured. */
export function timingsTable({ machines, containers }: Timings): string {
  const seconds = (milliseconds: number | undefined) =>
    milliseconds === undefined ? "-" : (milliseconds / 1000).toFixed(1);
  return [
    table(
      ["machine", "T_OS", "T_init", "T_run"],
      machines.map(({ machine, os, init, run }) => [machine, seconds(os), seconds(init), seconds(run)]),
    ),
    "",
    table(
      ["container", "machine", "T_pack", "T_load", "T_run"],
      containers.map(({ container, machine = "", pack, load, run }) => [
        container,
        machine,
        seconds(pack),
        seconds(load),
        seconds(run),
      ]),
    ),
    "",
    "in seconds, as last measured",
  ].join("\n");
}
