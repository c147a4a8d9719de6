import type { ResourceHandler } from "../kit/index.js";
import { Libvirt } from "../virsh/libvirt.js";
import { changeEffect } from "./domain/changeEffect.js";
import { checkDomain, withDefaults } from "./domain/checkDomain.js";
import { createDomain } from "./domain/createDomain.js";
import { removeVolumes } from "./domain/dataDisks.js";
import { planOutage } from "./domain/planOutage.js";
import { readDomain } from "./domain/readDomain.js";
import { removeDomain } from "./domain/removeDomain.js";
import { removeRootDisk } from "./domain/rootDisk.js";
import type { DomainInputs, DomainState } from "./domain/types.js";
import { updateDomain } from "./domain/updateDomain.js";

const createLimitMs = 15 * 60_000;
const updateLimitMs = 2 * 60 * 60_000;

/** A virtual machine: its domain and its root disk. See the SDK's Domain for its inputs. */
export const domain: ResourceHandler<DomainInputs, DomainState, unknown> = {
  computed: ["uuid", "started", "disk", "pool", "volume", "lastStop", "firstSeed", "ceiling"],
  unstable: ["lastStop", "ceiling"],
  // An update may have to wait for its turn: machines restart one after another.
  timeouts: { create: createLimitMs, update: updateLimitMs },

  check: (inputs, old, call) => checkDomain(inputs, old, call),

  diff({ state, oldInputs, inputs }, call) {
    const effect = changeEffect(state, withDefaults(oldInputs), inputs);
    planOutage(effect, inputs, call);
    const { changes } = effect;
    // Its name, its address and its disk's name can't exist twice.
    return { changes, deleteBeforeReplace: true };
  },

  create: (inputs, call) => createDomain(inputs, call),

  async read(id, state, inputs, call) {
    if (!state || !inputs) throw new Error(`domain ${id}: it can't be imported yet. Declare it instead.`);
    return readDomain(id, state, inputs, call);
  },

  update: (request, call) => updateDomain({ ...request, oldInputs: withDefaults(request.oldInputs) }, call),

  async delete(id, state, call) {
    const root = { pool: state.pool, name: state.volume };
    await Libvirt.with(state.uri, call.signal, async (libvirt) => {
      await removeDomain(libvirt, id);
      await removeRootDisk(libvirt, root);
      await removeVolumes(libvirt, state.pool, state.dataVolumes ?? []);
    });
  },
};
