import type { Call } from "../../kit/index.js";
import { stripControls, textBlock } from "../textBlock.js";
import { installLog, installScript } from "./installScript.js";
import type { Machine } from "./machine.js";
import type { MachineFacts } from "./machineFacts.js";
import { quote } from "./shell.js";

const progressEveryMs = 5000;

/** Installs Docker from the guest's own package source. */
export async function installDocker(
  machine: Machine,
  facts: MachineFacts,
  packageName: string,
  call: Call<unknown>,
): Promise<void> {
  if (!facts.osIds.some((id) => id === "debian" || id === "ubuntu")) {
    throw new Error(
      `${machine.where} has no Docker, and it runs ${facts.osName}: Berth installs Docker on Debian, Ubuntu and their ` +
        "descendants. Use such an image, or one that brings Docker.",
    );
  }
  // Without its tool Docker cannot load its AppArmor profile, and no container starts.
  const packages = facts.lacksApparmorParser ? [packageName, "apparmor"] : [packageName];
  const began = `installing ${packages.join(" and ")} on ${machine.where}`;
  call.status(began);
  const stop = reportProgress(machine, began, call);
  const result = await machine.root(installScript(packages), call.signal).finally(stop);
  if (result.code === 0) return;
  throw new Error(
    `${machine.where}: installing ${packages.join(" and ")} failed:\n${textBlock(result.stdout + result.stderr)}\n` +
      'Check that the machine reaches its package source and that it has this package ("package"). The next update tries again.',
  );
}

/** Shows the package manager's last line every few seconds, until the function that it gives is called. */
function reportProgress(machine: Machine, prefix: string, call: Call<unknown>): () => void {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, call.signal]);
  const show = async () => {
    const { stdout } = await machine.ssh.exec(`tail -n 1 ${quote(installLog)} 2>/dev/null`, { signal });
    const line = stripControls(stdout).trim().slice(0, 100);
    if (line !== "" && !over.signal.aborted) call.status(`${prefix}: ${line}`);
  };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    // Progress is a courtesy: the installation itself reports what goes wrong.
    show()
      .catch(() => {})
      .finally(() => {
        busy = false;
      });
  }, progressEveryMs);
  return () => {
    clearInterval(timer);
    over.abort();
  };
}
