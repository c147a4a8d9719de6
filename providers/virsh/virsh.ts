import { spawn } from "node:child_process";
import { clientUri } from "./clientUri.js";

export interface VirshResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** English messages, and no user's own virsh settings. */
export function virshEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C" };
}

/**
 * Runs one virsh command. A non-zero exit does not throw; a missing virsh does.
 *
 * @param input commands for its standard input, where nobody else on the machine sees what they hold; it repeats them on its output
 */
export function virsh(
  uri: string,
  args: readonly string[],
  signal: AbortSignal,
  input?: string,
): Promise<VirshResult> {
  return new Promise((resolve, reject) => {
    const child = spawn("virsh", ["-q", "-c", clientUri(uri), ...args], {
      env: virshEnvironment(),
      signal,
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error) => reject(signal.aborted ? signal.reason : explainSpawn(error)));
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** Why virsh could not be started. */
export function explainSpawn(error: NodeJS.ErrnoException): Error {
  if (error.code !== "ENOENT") return error;
  return new Error(
    'virsh is not installed, and Berth reaches libvirt with it. Install it ("apt-get install libvirt-clients").',
    { cause: error },
  );
}

/** virsh's own words, without its prefixes, QEMU's time stamps and the name of the temporary file. */
export function virshWords(stderr: string): string {
  return stderr
    .split("\n")
    .map((line) =>
      line
        .replace(/^error:\s*/, "")
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z /g, "")
        .trim(),
    )
    .filter((line) => line !== "" && !line.startsWith("Failed to create domain from"))
    .join("; ");
}

/** No connection to libvirt. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** The error for a libvirt that does not answer. */
export function unreachable(uri: string, stderr: string): Unreachable {
  const words = virshWords(stderr);
  const fix = /permission denied|authentication|access denied|not authori[sz]ed/i.test(words)
    ? 'The present user has no rights there: add it to the group "libvirt" (then log in again), or run as root.'
    : "Check that libvirtd runs on that machine (systemctl status libvirtd) and that the URI is right.";
  return new Unreachable(`libvirt at ${uri} cannot be reached: ${words || "virsh gave no reason"}. ${fix}`);
}
