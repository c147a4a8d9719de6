#!/usr/bin/env node
import { Command, Option } from "commander";
import { type AutoscaleOptions, autoscale } from "./autoscale.js";
import { backupCommands } from "./backup/backupCommands.js";
import { bench } from "./bench.js";
import { check } from "./check.js";
import { type DownOptions, down } from "./down.js";
import { type DrainOptions, drain } from "./drain.js";
import { type GraphOptions, graph } from "./graph.js";
import { moveModes } from "./move/liveOrCold.js";
import { moveHelp } from "./move/moveHelp.js";
import { type MoveOptions, moveMachine } from "./move/moveMachine.js";
import { packPlugin } from "./packPlugin.js";
import { type PlanOptions, plan } from "./plan.js";
import { findProject } from "./project.js";
import { type RebalanceOptions, rebalance } from "./rebalance.js";
import { type RestartOptions, restartMachine } from "./restartMachine.js";
import { rollback } from "./rollback.js";
import { say } from "./say.js";
import { setup } from "./setup.js";
import { snapshotCommands } from "./snapshot/snapshotCommands.js";
import { test } from "./test.js";
import { showTimings, type TimingsOptions } from "./timings/showTimings.js";
import { preview, type StackOptions, up } from "./up.js";
import { withStack } from "./withStack.js";

const project = findProject();
const berth = new Command("berth").description(
  "Virtual machines, Docker in them, containers and a load balancer on top, from one description.",
);

function stackCommand(name: string, description: string): Command {
  return withStack(berth.command(name).description(description));
}
stackCommand("up", "set up what is needed, bring the stack up, and say where it answers").action(
  (options: StackOptions) => up(project, options),
);
stackCommand("preview", "set up what is needed and show what an update would change").action(
  (options: StackOptions) => preview(project, options),
);
stackCommand("down", "destroy the stack; with the last one, stop the lab and remove all but the cache")
  .option("--force", "end the lab even where the stack can't be destroyed")
  .action((options: DownOptions) => down(project, options));
stackCommand("plan", "show what an update would move and why, and what the loss of a machine would mean")
  .option("--json", "for a program to read")
  .action((options: PlanOptions) => plan(project, options));
stackCommand("graph", "show which service runs on which machine after an update")
  .addOption(new Option("-f, --format <format>", "how").choices(["text", "json", "svg"]).default("text"))
  .action((options: GraphOptions) => graph(project, options));
stackCommand(
  "timings",
  "show how long each machine and container took to be ready, as its update measured it",
)
  .addOption(new Option("-f, --format <format>", "how").choices(["text", "json", "svg"]).default("text"))
  .option("-o, --output <file>", "where to (default: standard output)")
  .action((options: TimingsOptions) => showTimings(project, options));
stackCommand("rebalance", "show in which steps a better placement can be reached")
  .addOption(
    new Option("--at-once <count>", "replicas that move in one step, at most").argParser(Number).default(1),
  )
  .option("--yes", "carry it out, an update a step")
  .action((options: RebalanceOptions) => rebalance(project, options));
stackCommand("drain", "take every replica off a machine, for its maintenance, so that no request fails")
  .argument("<machine>")
  .option("--undo", "use the machine again")
  .action((machine: string, options: DrainOptions) => drain(project, machine, options));
stackCommand("move", "move a machine to another hypervisor of the stack, with what is on its disks")
  .argument("<machine>", "its name in the stack's configuration")
  .argument("<hypervisor>", "the one to move to")
  .addOption(
    new Option("--mode <mode>", "while it runs, by a shutdown and a start, or the first where that can be")
      .choices(moveModes)
      .default("auto"),
  )
  .addHelpText("after", moveHelp)
  .action((machine: string, hypervisor: string, options: MoveOptions) =>
    moveMachine(project, machine, hypervisor, options),
  );
stackCommand(
  "autoscale",
  "give services as many replicas as HAProxy's figures ask for, in the stack's file, and update",
)
  .option("--sample <duration>", "how long the figures are taken", "10s")
  .option("--dry-run", "only say what would be done")
  .action((options: AutoscaleOptions) => autoscale(project, options));
stackCommand(
  "rollback",
  "bring back what a service ran before: its settings, in the stack's file, and its image by digest",
)
  .argument("<service>")
  .action((service: string, options: StackOptions) => rollback(project, service, options));
stackCommand("restart", "have a machine's guest reboot itself, and wait until Docker in it runs again")
  .argument("<machine>", "its name in the stack's configuration")
  .option("--limit <duration>", "how long that may take", "10m")
  .action((name: string, options: RestartOptions) => restartMachine(project, name, options));
snapshotCommands(berth, project);
backupCommands(berth, project);
berth
  .command("setup")
  .description("put the engine, the plugins, the lab and its images in place")
  .action(async () => {
    const { bin } = await setup(project);
    say(`Ready. For pulumi and berth in this shell:  export PATH="${bin}:$PATH"`);
  });
berth
  .command("bench")
  .description("measure: one of the programs in test/bench")
  .argument("<name>")
  .argument("[arguments...]")
  .allowUnknownOption()
  .action((name: string, args: string[]) => bench(project, name, args));
berth
  .command("pack")
  .description("make the docker plugin one file, to be installed anywhere")
  .action(async () => {
    await packPlugin(project);
  });
berth
  .command("check")
  .description("format, lint, types and unused code")
  .option("--fix", "mend what can be mended")
  .action((options: { fix?: boolean }) => check(project, options));
berth
  .command("test")
  .description("every check and every suite")
  .argument("[suites...]", "unit, go, integration, e2e; default all")
  .option("--long", "the suites that take too long for every change")
  .action((suites: string[], options: { long?: boolean }) => test(project, suites, options));

try {
  await berth.parseAsync();
} catch (error) {
  const known = error instanceof Error && process.env["BERTH_DEBUG"] === undefined;
  say(`berth: ${known ? error.message : (error as Error).stack}`);
  process.exitCode = 1;
}
