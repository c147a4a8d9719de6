import { place, relationOf, relationSvg, relationText } from "@berth/components/placement";
import { imageDigests, readTopology, runningSeats } from "./placementInput.js";
import type { Project } from "./project.js";
import type { StackOptions } from "./up.js";

export interface GraphOptions extends StackOptions {
  readonly format: "text" | "json" | "svg";
}

/** Which service runs on which machine after an update, and what room is left: as a matrix, as data, or as a picture. Changes nothing. */
export async function graph(project: Project, options: GraphOptions): Promise<void> {
  const topology = readTopology(project, options);
  const today = await runningSeats(project, options.stack);
  const { problem, solution } = place(topology, today, {}, [], imageDigests(project, topology));
  const relation = relationOf(problem, solution.assignment);
  const forms = {
    text: () => `${relationText(relation).join("\n")}\n`,
    json: () => `${JSON.stringify(relation, null, 2)}\n`,
    svg: () => relationSvg(relation),
  };
  process.stdout.write(forms[options.format]());
}
