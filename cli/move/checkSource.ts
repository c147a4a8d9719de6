import { basename } from "node:path";
import { GuestAgent } from "../../providers/berth/domain/guestAgent.js";
import type { DomainInputs } from "../../providers/berth/domain/types.js";
import type { Libvirt } from "../../providers/virsh/libvirt.js";
import { powerOf } from "../../providers/virsh/powerOf.js";
import { writtenDisks } from "../backup/machine/copyDisks.js";
import { UserError } from "../say.js";
import { diskPaths, seedOf } from "./targetDomain.js";

const agentLimitMs = 30_000;

/**
 * Looks whether a machine can be moved from where it is, before anything is touched.
 *
 * @returns its description, and whether it runs, or is paused
 * @throws UserError with what stands in the way
 */
export async function checkSource(
  from: Libvirt,
  domain: string,
  inputs: DomainInputs,
  signal: AbortSignal,
): Promise<{ readonly xml: string; readonly power: "running" | "paused" | "stopped" }> {
  const { name } = inputs;
  const xml = await from.find(["dumpxml", "--inactive", "--security-info", domain]);
  if (xml === undefined) {
    throw new UserError(
      `${name} is not at ${from.uri}: "pulumi up --refresh" brings back what the stack describes.`,
    );
  }
  const snapshots = (await from.run(["snapshot-list", domain, "--name"])).split("\n").filter(Boolean);
  if (snapshots.length > 0) {
    throw new UserError(
      `${name} has snapshots, which lie in its disks and would not move: ${snapshots.join(", ")}. Delete them ("berth snapshot delete NAME"), and move it then.`,
    );
  }
  const known = await diskPaths(from, inputs);
  const foreign = writtenDisks(xml).filter(({ path }) => !known.has(basename(path)));
  if (foreign.length > 0) {
    throw new UserError(
      `${name} has disks that the stack does not describe: ${foreign.map(({ path }) => path).join(", ")}. Detach them, and move it then.`,
    );
  }
  const seed = seedOf(xml);
  if (seed !== undefined && (await from.find(["vol-path", seed])) === undefined) {
    throw new UserError(
      `the first-boot seed of ${name} is gone (${seed}), without which it does not start, or takes itself for another machine. "pulumi up --refresh" makes it anew.`,
    );
  }
  const power = await powerOf(from, domain);
  if (power === "running") await requireAgent(from, domain, name, signal);
  return { xml, power: power === "absent" ? "stopped" : power };
}

/** Nobody else tells whether it is up at the target. */
async function requireAgent(from: Libvirt, domain: string, name: string, signal: AbortSignal): Promise<void> {
  try {
    await new GuestAgent(from, domain, signal).ready(agentLimitMs);
  } catch (error) {
    signal.throwIfAborted();
    throw new UserError(
      `the guest agent of ${name} does not answer, and so nobody could tell whether it is up where it moves to: ${(error as Error).message}. Start "qemu-guest-agent" in it, and move it then.`,
    );
  }
}
