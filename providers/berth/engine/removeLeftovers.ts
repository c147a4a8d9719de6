import type { Call } from "../../kit/index.js";
import type { Machine } from "./machine.js";
import { quote, script } from "./shell.js";

/**
 * Removes the containers of this stack's services that are on an engine which the stack has only now (again): they left the
 * state when their machine was stopped, came back with it, and hold the ports of those that are made anew.
 */
export async function removeLeftovers(machine: Machine, call: Call<unknown>): Promise<void> {
  const stack = call.urn.split("::")[0]!.replace(/^urn:pulumi:/, "");
  const { stdout, stderr, code } = await machine.root(leftoversScript(stack), call.signal);
  if (code !== 0) {
    throw new Error(
      `${machine.where}: containers of before it was stopped can't be removed: ${stderr.trim()}`,
    );
  }
  const names = stdout.trim().split("\n").filter(Boolean);
  if (names.length > 0) {
    call.log("info", `${machine.where}: removed what was left of before it was stopped: ${names.join(", ")}`);
  }
}

function leftoversScript(stack: string): string {
  return script(
    "set -eu",
    `ids=$(docker ps --all --quiet --filter ${quote(`label=berth.stack=${stack}`)} --filter label=berth.service)`,
    'if [ -z "$ids" ]; then return; fi',
    "docker inspect --format '{{index .Config.Labels \"berth.replica\"}}' $ids",
    "docker rm --force $ids >/dev/null",
  );
}
