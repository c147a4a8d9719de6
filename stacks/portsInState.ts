import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { HeldPort } from "@berth/components/placement";
import { RunError } from "@pulumi/pulumi";

const limitMs = 60_000;
const mostBytes = 1024 ** 3;

/**
 * The host ports of all containers in a stack's state, and those of machines that are replicas. Only the command shows those that are replaced and yet to be
 * deleted, as a failed update leaves them; secrets stay encrypted. It takes no lock, so that it works during an update.
 * In the order of their addresses, then of the ports.
 *
 * @throws RunError where the state can't be read.
 */
export async function portsInState(stackName: string): Promise<HeldPort[]> {
  const args = ["stack", "export", "--stack", stackName, "--non-interactive"];
  let text: string;
  try {
    const options = { timeout: limitMs, maxBuffer: mostBytes };
    text = (await promisify(execFile)("pulumi", args, options)).stdout;
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    throw new RunError(
      `which ports are taken can't be read from the stack's state: pulumi ${args.join(" ")}: ${stderr.trim() || message}`,
    );
  }
  const { deployment } = JSON.parse(text) as { deployment: { resources?: readonly Resource[] } };
  const held = (deployment.resources ?? []).flatMap(({ type, outputs }) => {
    // The address and port of a machine that is a replica.
    if (type === "berth:index:MachineReplica" && outputs !== undefined) {
      const { address, port } = outputs as unknown as HeldPort;
      return [{ address, port }];
    }
    // A list that somebody made a secret is an object here.
    if (type !== "docker:index/container:Container" || !Array.isArray(outputs?.["ports"])) return [];
    return (outputs["ports"] as Port[]).flatMap(({ ip = "", external: port }) =>
      port === undefined ? [] : [{ address: ip, port }],
    );
  });
  // The state lists resources in the order in which they happened to be made.
  return held.sort((a, b) => a.address.localeCompare(b.address) || a.port - b.port);
}

interface Resource {
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface Port {
  readonly ip?: string;
  readonly external?: number;
}
