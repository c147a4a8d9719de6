import { isDeepStrictEqual } from "node:util";
import { ipv6Of, type Topology } from "@berth/components/topology";
import { GuestAgent } from "../../providers/berth/domain/guestAgent.js";
import { type Addressing, addressing } from "../../providers/berth/domain/movedDomain.js";
import { quote, script } from "../../providers/berth/engine/shell.js";
import type { Libvirt } from "../../providers/virsh/libvirt.js";
import { UserError } from "../say.js";
import type { MovePlan } from "./planMove.js";

/** A machine's way from one network to another. */
export interface Readdressing {
  readonly before: Addressing;
  readonly after: Addressing;
}

const limitMs = 60_000;

/** Where Linux guests keep their addresses, as patterns of the shell's. */
const places = [
  "/etc/systemd/network/*",
  "/etc/netplan/*",
  "/etc/network/interfaces",
  "/etc/network/interfaces.d/*",
  "/etc/hosts",
];

/**
 * What a move changes of a machine's addresses; nothing where the networks of both hypervisors are the same.
 *
 * @param changed the topology with the machine at its target
 * @throws UserError for a machine that is off: only its guest can change what is on its disk
 */
export function readdressing({ spec, inputs, to }: MovePlan, changed: Topology): Readdressing | undefined {
  const { address } = changed.machines.find(({ name }) => name === spec.name)!;
  const { prefixLength, gateway, nameservers } = to.network;
  const { identity, power } = inputs;
  const before = addressing(identity);
  const after = {
    ...{ address: `${address}/${prefixLength}`, gateway },
    ...ipv6Of(to.network, address),
    nameservers,
  };
  if (isDeepStrictEqual(before, after)) return undefined;
  if ((before.address6 === undefined) !== (after.address6 === undefined)) {
    const has = after.address6 === undefined ? "has no" : "has a";
    throw new UserError(
      `the network of "${to.name}" ${has} "cidr6", and machine "${spec.name}" was made in one where that is otherwise: a move can change its addresses, and neither give nor take any. Give both hypervisors a "cidr6", or neither.`,
    );
  }
  if (power !== "running") {
    throw new UserError(
      `machine "${spec.name}" has the address ${before.address} and would have ${after.address} on "${to.name}", which only its guest can change, and it is off. Have it run, update, and move it then.`,
    );
  }
  return { before, after };
}

/** Has a guest write its new addresses in the place of the old ones, in force from its next boot on. Done twice, it is done once. */
export async function readdress(
  libvirt: Libvirt,
  domain: string,
  change: Readdressing,
  signal: AbortSignal,
): Promise<void> {
  const agent = new GuestAgent(libvirt, domain, signal);
  const { code, stderr } = await agent.run(readdressScript(change), limitMs);
  if (code !== 0) throw new Error(`${domain} can't be given its new address: ${stderr.trim()}`);
}

/** @throws where an old address is nowhere, and so nobody knows where the new one belongs */
export function readdressScript({ before, after }: Readdressing): string {
  const [own, network] = [before.address.split("/")[0]!, after.address.split("/")[0]!];
  const pairs: [string, string][] = [
    [before.address, after.address],
    [own, network],
    [before.gateway, after.gateway],
    ...ipv6Pairs(before, after),
  ];
  // One address may begin like another.
  const edits = pairs.flatMap(([old, now]) => [
    "-e",
    quote(`s#\\b${escaped(old)}\\([^[:alnum:]:]\\|$\\)#${now}\\1#g`),
  ]);
  return script(
    "set -eu",
    `found=$(grep --files-with-matches --no-messages --fixed-strings -e ${quote(own)} -e ${quote(network)} -- ${places.join(" ")} || true)`,
    `[ -n "$found" ] || { echo ${quote(`${own} is in none of ${places.join(", ")}`)} >&2; exit 1; }`,
    `sed --in-place ${edits.join(" ")} $found`,
    "sync",
  );
}

function ipv6Pairs(before: Addressing, after: Addressing): [string, string][] {
  if (before.address6 === undefined || after.address6 === undefined) return [];
  return [
    [before.address6, after.address6],
    [before.address6.split("/")[0]!, after.address6.split("/")[0]!],
    [before.gateway6!, after.gateway6!],
  ];
}

function escaped(text: string): string {
  return text.replaceAll(".", "\\.");
}
