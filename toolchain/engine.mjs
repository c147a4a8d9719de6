// @ts-check
// Runs the engine, and keeps the stacks' configuration files as they are: node engine.mjs PULUMI ARGUMENTS…
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { readStackFiles, restoreStackFiles } from "./stackFiles.mjs";

const [command = "pulumi", ...args] = process.argv.slice(2);
const before = readStackFiles(process.cwd());
const child = spawn(command, args, { stdio: "inherit" });
// A terminal's Ctrl-C reaches the engine by itself; it ends what runs and then itself.
process.on("SIGINT", () => {});
for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"])) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`${command} does not start: ${error.message}. Run "npm run setup".`);
  process.exitCode = 127;
});
child.on("exit", (code, signal) => {
  restoreStackFiles(before);
  process.exitCode = code ?? 128 + constants.signals[signal ?? "SIGKILL"];
});
