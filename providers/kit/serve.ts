import { messageOf } from "./errors.js";
import { whenParentGoes } from "./parent.js";
import { startServer } from "./server.js";
import type { ProviderDefinition } from "./types.js";

/** The engine kills a plugin 5 s after it asked it to end. */
const shutdownStepMs = 1500;

/**
 * The main function of a plugin: serves the provider until the engine ends it or is gone. Prints the port as its first line,
 * as the engine expects, and resolves then. To be called once in a process.
 */
export async function serve<C>(definition: ProviderDefinition<C>): Promise<void> {
  process.setSourceMapsEnabled(true);
  const server = await startServer(definition, { engineAddress: engineAddress(process.argv.slice(2)) });
  let ending = false;
  const end = (cause: string, code: number) => {
    if (ending) return;
    ending = true;
    server.stop(cause, shutdownStepMs).finally(() => process.exit(code));
  };
  whenParentGoes(() => end("was cut short: the engine is gone", 0));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => end(`was cut short by ${signal}`, 0));
  }
  // An error that belongs to no call may have left anything half done: end the calls in order, then the process.
  process.on("uncaughtException", (error) => {
    server.log("error", `provider "${definition.name}" failed outside of any call: ${messageOf(error)}`);
    server.log("debug", error.stack ?? "");
    end(`was cut short by an error elsewhere in the provider: ${messageOf(error)}`, 1);
  });
  // Not console.log, which colours numbers on a terminal.
  process.stdout.write(`${server.port}\n`);
}

/** The engine's address is the one argument that is no flag; `--tracing` takes a value. */
export function engineAddress(args: readonly string[]): string | undefined {
  return args.find((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--tracing");
}
