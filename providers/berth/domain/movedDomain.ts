import { type Call, type Change, inputChanges } from "../../kit/index.js";
import { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import { isOwn, moveOf } from "./ownership.js";
import { isOn } from "./power.js";
import { volumePath } from "./rootDisk.js";
import type { DomainInputs, DomainState, IdentityInputs } from "./types.js";

/**
 * Whether a machine that is to be on another hypervisor was brought there, as `berth move` does: the domain with its UUID and the
 * resource's mark is there, whole, and the one at the old place does not run. It is taken over then, and else made anew.
 *
 * @throws where one of the two hypervisors does not answer
 */
export async function wasMoved(
  id: string,
  old: Pick<DomainInputs, "uri">,
  { uri }: Pick<DomainInputs, "uri">,
  { signal, urn }: Pick<Call<unknown>, "signal" | "urn">,
): Promise<boolean> {
  const xml = await Libvirt.with(uri, signal, (libvirt) => libvirt.find(["dumpxml", "--inactive", id]));
  if (xml === undefined || !isOwn(xml, urn) || moveOf(xml) === "on its way") return false;
  return Libvirt.with(old.uri, signal, async (libvirt) => !isOn(await powerOf(libvirt, id)));
}

/** The old inputs as if the machine had been made where it is now: what is left to differ is a change of its own. */
export function asMadeThere(old: DomainInputs, inputs: DomainInputs): DomainInputs {
  const { seed: _, boot: __, ...rest } = old;
  return {
    ...rest,
    uri: inputs.uri,
    type: inputs.type,
    root: { ...old.root, pool: inputs.root.pool, base: inputs.root.base },
    nic: { ...old.nic, network: inputs.nic.network },
    ...(inputs.seed !== undefined && { seed: inputs.seed }),
    ...(inputs.boot !== undefined && { boot: inputs.boot }),
    consoleLog: inputs.consoleLog,
    identity: { ...old.identity, ...addressing(inputs.identity) },
  };
}

/** How a machine is reached, and reaches others. */
export type Addressing = Pick<
  IdentityInputs,
  "address" | "gateway" | "address6" | "gateway6" | "nameservers"
>;

export function addressing({ address, gateway, address6, gateway6, nameservers }: Addressing): Addressing {
  return {
    address,
    gateway,
    ...(address6 !== undefined && { address6 }),
    ...(gateway6 !== undefined && { gateway6 }),
    nameservers,
  };
}

/** What the new place itself changes; all of it in place, as the machine is there already. */
export function placeChanges(old: DomainInputs, inputs: DomainInputs): Change[] {
  return inputChanges(old, asMadeThere(old, inputs), []);
}

/** What is known of the machine, of where it is now. */
export async function stateThere(
  state: DomainState,
  { uri, root }: Pick<DomainInputs, "uri" | "root">,
  { signal }: Pick<Call<unknown>, "signal">,
): Promise<DomainState> {
  const disk = await Libvirt.with(uri, signal, (libvirt) => volumePath(libvirt, root));
  return { ...state, uri, pool: root.pool, volume: root.name, disk };
}
