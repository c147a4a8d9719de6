#!/usr/bin/env node
import { Command } from "commander";
import { check } from "./check.js";
import { type DownOptions, down } from "./down.js";
import { findProject } from "./project.js";
import { say } from "./say.js";
import { setup } from "./setup.js";
import { test } from "./test.js";
import { preview, type StackOptions, up } from "./up.js";

const project = findProject();
const berth = new Command("berth").description(
  "Virtual machines, Docker in them, containers and a load balancer on top, from one description.",
);

function stackCommand(name: string, description: string): Command {
  return berth
    .command(name)
    .description(description)
    .option("-s, --stack <name>", "the stack", "dev")
    .option("--config-file <path>", "the stack's configuration (default: its file in stacks/)");
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
berth
  .command("setup")
  .description("put the engine, the plugins, the lab and its images in place")
  .action(async () => {
    const { bin } = await setup(project);
    say(`Ready. For pulumi and berth in this shell:  export PATH="${bin}:$PATH"`);
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
