import { type Call, type DiffResult, isUnknown, type ResourceHandler } from "../kit/index.js";
import { Libvirt } from "../virsh/libvirt.js";
import { changeEffect } from "./domain/changeEffect.js";
import { checkDomain, withDefaults } from "./domain/checkDomain.js";
import { createDomain } from "./domain/createDomain.js";
import { removeVolumes } from "./domain/dataDisks.js";
import { asMadeThere, placeChanges, stateThere, wasMoved } from "./domain/movedDomain.js";
import { planOutage } from "./domain/planOutage.js";
import { readDomain } from "./domain/readDomain.js";
import { removeDomain } from "./domain/removeDomain.js";
import { removeRootDisk } from "./domain/rootDisk.js";
import type { DomainInputs, DomainState } from "./domain/types.js";
import { updateDomain } from "./domain/updateDomain.js";

const emptied = (urn: string) =>
  `another hypervisor: the machine is made anew there, on an empty disk. "berth move ${urn.slice(urn.lastIndexOf("::") + 2)} HYPERVISOR" brings what is on it along.`;
const notThere = ({ name, uri }: DomainInputs) =>
  `${name} was to be taken over on ${uri}, and is not there any more, or runs where it was. Look at both hypervisors ("virsh list --all"), and update again.`;

const createLimitMs = 15 * 60_000;
const updateLimitMs = 2 * 60 * 60_000;

/** A virtual machine: its domain and its root disk. See the SDK's Domain for its inputs. */
export const domain: ResourceHandler<DomainInputs, DomainState, unknown> = {
  computed: ["uuid", "started", "disk", "pool", "volume", "lastStop", "firstSeed", "ceiling"],
  unstable: ["lastStop", "ceiling"],
  // An update may have to wait for its turn: machines restart one after another.
  timeouts: { create: createLimitMs, update: updateLimitMs },

  check: (inputs, old, call) => checkDomain(inputs, old, call),

  diff({ id, state, oldInputs, inputs }, call) {
    const old = withDefaults(oldInputs);
    const { uri } = inputs;
    if (uri === old.uri || isUnknown(uri)) return changesOf(state, old, inputs, call);
    return wasMoved(id, old, inputs, call).then((moved) => {
      if (!moved) call.log("warning", emptied(call.urn));
      const known = moved ? asMadeThere(old, inputs) : old;
      const { changes, ...rest } = changesOf(state, known, inputs, call);
      return { changes: [...changes, ...(moved ? placeChanges(old, inputs) : [])], ...rest };
    });
  },

  create: (inputs, call) => createDomain(inputs, call),

  async read(id, state, inputs, call) {
    if (!state || !inputs) throw new Error(`domain ${id}: it can't be imported yet. Declare it instead.`);
    return readDomain(id, state, inputs, call);
  },

  async update({ id, state, oldInputs, inputs }, call) {
    const old = withDefaults(oldInputs);
    if (inputs.uri === old.uri) return updateDomain({ id, state, oldInputs: old, inputs }, call);
    if (!(await wasMoved(id, old, inputs, call))) throw new Error(notThere(inputs));
    const there = await stateThere(state, inputs, call);
    const request = { id, state: there, oldInputs: asMadeThere(old, inputs), inputs };
    // What is left where it was is not this update's to remove: the state that forgets it is not written yet.
    return updateDomain(request, call);
  },

  async delete(id, state, call) {
    const root = { pool: state.pool, name: state.volume };
    await Libvirt.with(state.uri, call.signal, async (libvirt) => {
      await removeDomain(libvirt, id);
      await removeRootDisk(libvirt, root);
      await removeVolumes(libvirt, state.pool, state.dataVolumes ?? []);
    });
  },
};

function changesOf(
  state: DomainState,
  old: DomainInputs,
  inputs: DomainInputs,
  call: Call<unknown>,
): DiffResult {
  const effect = changeEffect(state, old, inputs);
  planOutage(effect, inputs, call);
  // Its name, its address and its disk's name can't exist twice.
  return { changes: effect.changes, deleteBeforeReplace: true };
}
