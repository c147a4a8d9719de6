import { Libvirt } from "../../virsh/libvirt.js";
import type { DomainRef } from "../../virsh/presenceOf.js";
import { GuestAgent } from "../domain/guestAgent.js";
import { textBlock } from "../textBlock.js";
import { script } from "./shell.js";

const agentLimitMs = 15_000;
const scriptLimitMs = 30_000;

/** Its addresses, whether sshd likes its own configuration, and the last lines of each unit that failed. */
const words = script(
  "ip -br address 2>/dev/null | grep -v '^lo '",
  "sshd=$(command -v sshd || echo /usr/sbin/sshd)",
  '[ ! -x "$sshd" ] || { mkdir -p /run/sshd; "$sshd" -t 2>&1 | tail -n 3; }',
  "systemctl --failed --plain --no-legend 2>/dev/null | while read -r unit _; do",
  '  echo "$unit failed:"; journalctl -b -u "$unit" -n 4 --no-pager -o cat',
  "done",
  "true",
);

/**
 * What a guest says of itself to whoever can't reach it over the network, as a paragraph for a message: through its agent. Empty where
 * its domain is not known or no agent answers. Never throws.
 */
export async function guestWords(domain: DomainRef | undefined): Promise<string> {
  if (domain === undefined) return "";
  const signal = AbortSignal.timeout(agentLimitMs + scriptLimitMs);
  try {
    return await Libvirt.with(domain.uri, signal, async (libvirt) => {
      const agent = new GuestAgent(libvirt, domain.uuid, signal);
      await agent.ready(agentLimitMs);
      const { stdout } = await agent.run(words, scriptLimitMs);
      return stdout.trim() === "" ? "" : `\nThe guest itself says:\n${textBlock(stdout, 30)}`;
    });
  } catch {
    return "";
  }
}
