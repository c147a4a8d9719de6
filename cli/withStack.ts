import type { Command } from "commander";

/** A command about one stack. */
export function withStack(command: Command): Command {
  return command
    .option("-s, --stack <name>", "the stack", "dev")
    .option("--config-file <path>", "the stack's configuration (default: its file in stacks/)");
}
