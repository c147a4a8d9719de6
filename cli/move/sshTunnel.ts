import { spawn } from "node:child_process";
import { isSsh, sshOptions } from "@berth/components/libvirtUri";

const readyLimitMs = 30_000;
const endLimitMs = 5000;
const ready = "berth-tunnel-ready";

/** Ports that lead from one hypervisor's loopback to the other's. */
export interface Tunnel {
  readonly close: () => Promise<void>;
}

/**
 * Makes ports of the target's loopback reachable under the same numbers on the source's, through SSH and by way of this machine.
 * The connections end with this process, however it ends.
 *
 * @param from libvirt's URI of the source; one without SSH is this machine
 * @param to libvirt's URI of the target, the same
 * @throws with ssh's own words
 */
export async function openTunnel(
  from: string,
  to: string,
  ports: readonly number[],
  signal: AbortSignal,
): Promise<Tunnel> {
  const ends: Tunnel[] = [];
  const close = async () => {
    await Promise.all(ends.map((end) => end.close()));
  };
  try {
    // The target's end comes first: the other leads to it.
    if (isSsh(to)) ends.push(await connect(to, forwards("-L", ports), signal));
    if (isSsh(from)) ends.push(await connect(from, forwards("-R", ports), signal));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

/** On loopback alone, whatever the configuration of either side says. */
function forwards(option: "-L" | "-R", ports: readonly number[]): string[] {
  return ports.flatMap((port) => [option, `127.0.0.1:${port}:127.0.0.1:${port}`]);
}

/** `ssh`'s arguments to reach the host of a libvirt URI. */
export function sshArguments(uri: string): string[] {
  const { hostname, port, username } = new URL(uri);
  const host = decodeURIComponent(hostname).replace(/^\[(.*)\]$/, "$1");
  return [
    ...["-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=10"],
    ...["-o", "ExitOnForwardFailure=yes", "-o", "ControlPath=none", "-T"],
    ...sshOptions(uri),
    ...(port === "" ? [] : ["-p", port]),
    ...(username === "" ? [] : ["-l", decodeURIComponent(username)]),
    host,
  ];
}

/**
 * Ends ssh when the standard input of the shell does, which is this process's: by itself ssh would go on for as long as a connection
 * comes through.
 */
const leashed = 'exec 3<&0; "$@" <&3 & child=$!; (cat <&3; kill $child) >/dev/null 2>&1 & wait $child';

async function connect(uri: string, forward: readonly string[], signal: AbortSignal): Promise<Tunnel> {
  const ssh = ["ssh", ...forward, ...sshArguments(uri), `echo ${ready} && exec cat`];
  const child = spawn("sh", ["-c", leashed, "sh", ...ssh]);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let [output, errors] = ["", ""];
  child.stdin.on("error", () => {});
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(readyLimitMs)]);
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (words: string) => reject(new Error(`no way through SSH to ${uri}: ${words}`));
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (output.includes(ready)) resolve();
      });
      child.once("error", (error) => fail(error.message));
      void ended.then(() => fail(errors.trim() || "ssh ended"));
      limit.addEventListener("abort", () => reject(signal.aborted ? signal.reason : limit.reason), {
        once: true,
      });
    });
  } catch (error) {
    child.stdin.end();
    throw error;
  }
  return {
    async close() {
      child.stdin.end();
      const kill = setTimeout(() => child.kill(), endLimitMs);
      await ended;
      clearTimeout(kill);
    },
  };
}
