import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { exists } from "../toolchain/exists.js";
import { runCommand } from "../toolchain/runCommand.js";
import { daemonEnvironment } from "./daemons.js";
import type { Lab } from "./lab.js";
import { labFile } from "./labFile.js";
import { labInit, labOccupants } from "./labProcesses.js";
import { namespaceId, type ProcessInfo } from "./processes.js";
import { QEMU_ID } from "./qemuUser.js";
import { waitFor } from "./waitFor.js";

const CGROUPS = "/sys/fs/cgroup";

/** Makes the lab's namespaces and starts its first process in them; what a crash left of them must be gone. */
export async function createNamespaces(lab: Lab): Promise<ProcessInfo> {
  await runCommand("ip", ["netns", "add", basename(lab.netns)], { limitMs: 10_000 });
  const log = join(lab.runDir, "log", "init.log");
  const out = openSync(log, "a");
  const enter = ["sh", labFile("host/enter.sh"), "cgroup", lab.id, lab.stateDir, lab.runDir];
  const child = spawn("nsenter", [`--net=${lab.netns}`, "--", ...enter], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", out, out],
    env: { ...daemonEnvironment, BERTH_QEMU_ID: String(QEMU_ID) },
  });
  closeSync(out);
  let ended = false;
  child.on("error", () => (ended = true)).on("exit", () => (ended = true));
  child.unref();
  const init = await waitFor(
    `the namespaces of lab ${lab.id}`,
    20_000,
    () => (ended ? ("ended" as const) : labInit(lab)),
    () => readFile(log, "utf8").catch(() => ""),
  );
  if (init === "ended") {
    throw new Error(
      `The namespaces of lab ${lab.id} could not be made:\n${await readFile(log, "utf8").catch(() => "")}` +
        "Root needs the right to make mount, PID, network and cgroup namespaces here: in a container, run it privileged.",
    );
  }
  return init;
}

/** Ends whatever runs in the lab's namespaces and removes these. Harmless where nothing is there. */
export async function removeNamespaces(lab: Lab): Promise<void> {
  const init = labInit(lab);
  if (init) {
    signal(init, "SIGKILL"); // The kernel ends all others in its PID namespace with it.
    await waitFor(`lab ${lab.id}'s first process to end`, 30_000, () => labInit(lab) === undefined);
  }
  await endOccupants(lab);
  if (namespaceId(lab.netns) !== undefined) {
    // After a reboot the file may be there without the namespace.
    await runCommand("ip", ["netns", "delete", basename(lab.netns)], { limitMs: 10_000 }).catch(() =>
      rm(lab.netns, { force: true }),
    );
  }
  await removeCgroups(lab);
}

/** An engine or a plugin that still runs in the network namespace gets the time to end properly. */
async function endOccupants(lab: Lab): Promise<void> {
  for (const [name, limitMs] of [
    ["SIGTERM", 3_000],
    ["SIGKILL", 30_000],
  ] as const) {
    const left = labOccupants(lab);
    if (left.length === 0) {
      return;
    }
    for (const occupant of left) {
      signal(occupant, name);
    }
    const gone = waitFor(
      `the processes in ${lab.netns} to end`,
      limitMs,
      () => labOccupants(lab).length === 0,
      () =>
        `Still there: ${labOccupants(lab)
          .map((p) => `${p.name} (${p.pid})`)
          .join(", ")}`,
    );
    await (name === "SIGTERM" ? gone.catch(() => {}) : gone);
  }
}

function signal(target: ProcessInfo, name: NodeJS.Signals): void {
  try {
    process.kill(target.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}

/** A cgroup can be removed when it has no processes and no children. */
async function removeCgroups(lab: Lab): Promise<void> {
  const hierarchies = (await exists(join(CGROUPS, "cgroup.procs")))
    ? [CGROUPS]
    : (await readdir(CGROUPS).catch(() => [])).map((name) => join(CGROUPS, name));
  for (const hierarchy of hierarchies) {
    const own = join(hierarchy, `berth-${lab.id}`);
    if (await exists(own)) {
      await waitFor(`the cgroup ${own} to be empty`, 10_000, () =>
        runCommand("find", [own, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"], {
          limitMs: 10_000,
        }).then(
          () => true,
          () => false,
        ),
      );
    }
  }
}
