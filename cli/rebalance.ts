import { rebalance as findBetter, type Measures, problemOf } from "@berth/components/placement";
import { readTopology, runningSeats } from "./placementInput.js";
import type { Project } from "./project.js";
import { say, UserError } from "./say.js";
import { setup } from "./setup.js";
import { imagesOf, type StackOptions, update } from "./up.js";

export interface RebalanceOptions extends StackOptions {
  /** Replicas that move in one step, at most. */
  readonly atOnce: number;
  /** Carry it out. Default: only show it. */
  readonly yes?: boolean;
}

/** The steps to a better placement of what runs; with `--yes`, an update for each, in which new replicas come before the old ones go. */
export async function rebalance(project: Project, options: RebalanceOptions): Promise<void> {
  if (!Number.isInteger(options.atOnce) || options.atOnce < 1) {
    throw new UserError("--at-once is not a number of replicas; give a whole number of 1 or more.");
  }
  const topology = readTopology(project, options);
  const seats = Object.entries(await runningSeats(project, options.stack));
  const today = Object.fromEntries(seats.map(([key, { machine }]) => [key, machine]));
  const problem = problemOf(topology, today);
  const { steps, stuck, before, after } = findBetter(problem, options.atOnce);
  if (stuck.length > 0)
    say(
      `No way of valid steps of ${options.atOnce} at once leads there for ${stuck.join(", ")}; more "--at-once" may.`,
    );
  if (steps.length === 0) {
    process.stdout.write("nothing to gain\n");
    return;
  }
  const lines = steps.map((step, index) => {
    const moves = step.map(({ key, from, to }) => `${key}: ${from} → ${to}`);
    return `step ${index + 1}: ${moves.join(", ")}`;
  });
  const { prefer } = topology.placement;
  process.stdout.write(
    `${[...lines, `before: ${load(before, prefer)}`, `after: ${load(after, prefer)}`].join("\n")}\n`,
  );
  if (!options.yes) {
    say("Nothing was changed; --yes carries it out.");
    return;
  }
  const ready = await setup(project, imagesOf(project, options));
  for (const [index, step] of steps.entries()) {
    say(lines[index]!);
    // The engine hands its environment on to the program, which places by it.
    process.env["BERTH_MOVES"] = JSON.stringify(Object.fromEntries(step.map(({ key, to }) => [key, to])));
    await update(project, ready, options);
  }
}

function load({ load: amount }: Measures, prefer: "balance" | "pack"): string {
  return prefer === "pack"
    ? `${amount} machines in use`
    : `the fullest machine is ${Number((amount * 100).toFixed(1))} % full`;
}
