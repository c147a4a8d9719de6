import { readFile, rm, writeFile } from "node:fs/promises";
import { exists } from "./exists.js";
import { type Log, withLock } from "./lock.js";
import { runCommand } from "./runCommand.js";

/** dpkg's maintainer scripts ask it before they start a daemon. */
const POLICY = "/usr/sbin/policy-rc.d";
const INSTALL_LIMIT_MS = 15 * 60_000;

/**
 * Installs those of the Debian packages that are missing, without recommended ones, without questions, and
 * without letting them start daemons. Nothing is done, and nothing is reached, where all are there.
 * @param names Debian package names: ["qemu-utils", "mmdebstrap"]
 * @param log told what is installed and how long it may take
 * @throws with the command to run, where packages are missing and the caller is not root, or this is not Debian
 */
export async function ensurePackages(names: readonly string[], log: Log): Promise<void> {
  const missing = await missingPackages(names);
  if (missing.length === 0) {
    return;
  }
  const byHand = `apt-get update && apt-get install --no-install-recommends ${missing.join(" ")}`;
  if (!(await exists("/usr/bin/apt-get"))) {
    throw new Error(
      `Missing on this machine: ${missing.join(", ")} (Debian's package names). ` +
        `It has no apt-get: install the same programs with its own package manager and run again.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Error(`Missing Debian packages: ${missing.join(", ")}. Run as root: ${byHand}`);
  }
  await withLock("/run/berth/apt.lock", { doing: "installing Debian packages", log }, async () => {
    const still = await missingPackages(missing);
    if (still.length > 0) {
      log(`Installing Debian packages: ${still.join(" ")} (1 to 3 min)`);
      await withoutDaemonStarts(() => install(still, byHand));
    }
  });
}

/** Which of these packages dpkg does not have completely installed. */
async function missingPackages(names: readonly string[]): Promise<string[]> {
  let listing = "";
  try {
    listing = await readFile("/var/lib/dpkg/status", "utf8");
  } catch {
    return [...names];
  }
  const installed = installedPackages(listing);
  return names.filter((name) => !installed.has(name));
}

/**
 * The packages which dpkg's status file lists as completely installed.
 * @param listing the text of /var/lib/dpkg/status
 */
export function installedPackages(listing: string): Set<string> {
  const installed = new Set<string>();
  for (const stanza of listing.split("\n\n")) {
    const name = /^Package: (.+)$/m.exec(stanza)?.[1];
    if (name !== undefined && /^Status: \S+ ok installed$/m.test(stanza)) {
      installed.add(name);
    }
  }
  return installed;
}

async function install(names: readonly string[], byHand: string): Promise<void> {
  const options = {
    // Another apt, an unattended upgrade for one, may be at work: wait for it, within the limit.
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
    limitMs: INSTALL_LIMIT_MS,
    hint: `Find out why by running it yourself: ${byHand}`,
  };
  const wait = ["-o", "DPkg::Lock::Timeout=300", "-q"];
  await runCommand("apt-get", [...wait, "update"], options);
  const keepConfiguration = ["-o", "Dpkg::Options::=--force-confold"];
  const mode = ["install", "--yes", "--no-install-recommends"];
  await runCommand("apt-get", [...wait, ...keepConfiguration, ...mode, ...names], options);
}

/**
 * Runs `work` under a policy that keeps maintainer scripts from starting daemons: the lab runs its own, and
 * the machine's user did not ask for any. A policy of the machine's own is left as it is. Should this process
 * be killed, its policy allows everything again.
 */
async function withoutDaemonStarts(work: () => Promise<void>): Promise<void> {
  const mark = "# Placed by Berth while it installs packages.";
  const own = await readFile(POLICY, "utf8").catch(() => mark);
  if (!own.includes(mark)) {
    return work();
  }
  const script = `#!/bin/sh\n${mark}\nkill -0 ${process.pid} 2>/dev/null && exit 101\nexit 0\n`;
  await writeFile(POLICY, script, { mode: 0o755 });
  try {
    await work();
  } finally {
    await rm(POLICY, { force: true });
  }
}
