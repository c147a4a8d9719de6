import { GuestAgent } from "../providers/berth/domain/guestAgent.js";
import { quote, script } from "../providers/berth/engine/shell.js";
import type { MachineRef } from "../providers/berth/snapshot/types.js";
import { Libvirt } from "../providers/virsh/libvirt.js";
import type { Project } from "./project.js";
import { pulumiOutput } from "./pulumi.js";
import { say } from "./say.js";
import type { Ready } from "./setup.js";

const scriptLimitMs = 120_000;

/**
 * Removes, from machines whose disks are of another time, the containers of the stack's services that its state does not know:
 * they would hold the ports of those that an update makes.
 */
export async function removeStrays(
  project: Project,
  ready: Ready,
  stack: string,
  machines: readonly MachineRef[],
): Promise<void> {
  const text = await pulumiOutput(project, ready, ["stack", "export", "--stack", stack]);
  const { deployment } = JSON.parse(text) as {
    deployment: { resources?: readonly { type: string; id?: string }[] };
  };
  const known = (deployment.resources ?? [])
    .filter(({ type }) => type === "docker:index/container:Container")
    .flatMap(({ id }) => (id === undefined ? [] : [id]));
  for (const { uri, domain, name } of machines) {
    const signal = AbortSignal.timeout(2 * scriptLimitMs);
    const removed = await Libvirt.with(uri, signal, async (libvirt) => {
      const { code, stdout, stderr } = await new GuestAgent(libvirt, domain, signal).run(
        straysScript(stack, known),
        scriptLimitMs,
      );
      if (code !== 0) throw new Error(`${name}: containers of then can't be removed: ${stderr.trim()}`);
      return stdout.trim();
    });
    if (removed !== "") say(`${name}: removed containers of then: ${removed.replaceAll("\n", ", ")}`);
  }
}

/** The stack is the second part of what its containers are marked with. */
function straysScript(stack: string, known: readonly string[]): string {
  return script(
    "set -eu",
    "command -v docker >/dev/null || return 0",
    "for id in $(docker ps --all --quiet --no-trunc --filter label=berth.service --filter label=berth.stack); do",
    `  case " ${known.join(" ")} " in *" $id "*) continue ;; esac`,
    '  name=$(docker inspect --format \'{{index .Config.Labels "berth.replica"}}\' "$id")',
    '  mark=$(docker inspect --format \'{{index .Config.Labels "berth.stack"}}\' "$id")',
    `  [ "$mark" = ${quote(stack)} ] || continue`,
    '  docker rm --force "$id" >/dev/null && echo "$name"',
    "done",
  );
}
