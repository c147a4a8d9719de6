import { setTimeout as delay } from "node:timers/promises";
import type { Lab } from "../../../lab/lab.js";
import { waitFor } from "../../../lab/waitFor.js";
import { virsh } from "./support.js";

/** Waits until the agent in a guest answers: it needs no network. */
export async function agentAnswers(lab: Lab, domain: string, limitMs: number): Promise<void> {
  await waitFor(`the agent in ${domain}`, limitMs, () =>
    call(lab, domain, "guest-ping", {}).then(
      () => true,
      () => delay(500, false),
    ),
  );
}

/** Runs a shell command in a guest, as root, and gives its standard output whatever its exit code. */
export async function runInGuest(
  lab: Lab,
  domain: string,
  command: string,
  limitMs: number,
): Promise<string> {
  const { pid } = await call(lab, domain, "guest-exec", {
    path: "/bin/sh",
    arg: ["-c", command],
    "capture-output": true,
  });
  const status = await waitFor(`"${command}" in ${domain}`, limitMs, async () => {
    const found = await call(lab, domain, "guest-exec-status", { pid });
    return found.exited ? found : delay(300, undefined);
  });
  return Buffer.from(status["out-data"] ?? "", "base64")
    .toString()
    .trim();
}

async function call(lab: Lab, domain: string, execute: string, parameters: object): Promise<any> {
  const request = JSON.stringify({ execute, arguments: parameters });
  return JSON.parse(await virsh(lab, "qemu-agent-command", domain, request)).return;
}
