import { inputChanges, type ResourceHandler } from "../kit/index.js";
import { Mistakes } from "./mistakes.js";
import { deleteSnapshot } from "./snapshot/deleteSnapshot.js";
import { listSnapshots } from "./snapshot/listSnapshots.js";
import { revertSnapshots } from "./snapshot/revertSnapshots.js";
import { takeSnapshots } from "./snapshot/takeSnapshots.js";
import type { SnapshotInputs, SnapshotState } from "./snapshot/types.js";
import { withLibvirts } from "./snapshot/withLibvirts.js";

const limitMs = 20 * 60_000;

/** A snapshot of machines at one point in time. See the SDK's MachineSnapshot for its inputs. */
export const machineSnapshot: ResourceHandler<SnapshotInputs, SnapshotState, unknown> = {
  computed: ["taken", "consistency", "takenBack"],
  unstable: ["takenBack"],
  timeouts: { create: limitMs, update: limitMs, delete: limitMs },

  check(given: Omit<SnapshotInputs, "description" | "memory"> & Partial<SnapshotInputs>) {
    const inputs: SnapshotInputs = { description: "", memory: false, ...given };
    const mistakes = new Mistakes();
    if (
      mistakes.text("name", inputs.name, "a name for the snapshot") &&
      !/^[A-Za-z][\w.-]{0,62}$/.test(inputs.name)
    ) {
      mistakes.add(
        "name",
        `is "${inputs.name}"; expected a letter, then letters, digits and "._-", 63 at most`,
      );
    }
    if (Array.isArray(inputs.machines) && inputs.machines.length === 0) {
      mistakes.add("machines", "is empty; name at least one machine");
    }
    return { inputs, failures: mistakes.failures };
  },

  diff({ state, oldInputs, inputs }) {
    // libvirt keeps the words with what was taken then; a word that is taken away or was acted on is nothing to do.
    const changes = inputChanges(oldInputs, inputs, ["name", "memory", "machines"]).filter(
      ({ path }) => path !== "description" && path !== "revert",
    );
    if (isAskedBack(inputs, state)) changes.push({ path: "revert", kind: "update" });
    return { changes, deleteBeforeReplace: true };
  },

  async create(inputs, call) {
    const { name, machines, revert = "" } = inputs;
    const made = await takeSnapshots(inputs, call);
    // There is nothing to go back from.
    return { id: name, state: { name, machines, ...made, takenBack: revert } };
  },

  async read(id, state, inputs, call) {
    if (!state || !inputs) throw new Error(`snapshot ${id}: it can't be imported. Declare a new one.`);
    const whole = await withLibvirts(state.machines, call.signal, async (all) => {
      for (const { machine, libvirt } of all) {
        const found = await listSnapshots(libvirt, machine.domain);
        if (!found?.some(({ name }) => name === state.name)) return false;
      }
      return true;
    });
    return whole ? { id, state, inputs } : undefined;
  },

  async update({ state, inputs }, call) {
    const { name, machines, revert = "" } = inputs;
    if (!isAskedBack(inputs, state)) return state;
    await revertSnapshots(name, machines, call);
    return { ...state, takenBack: revert };
  },

  async delete(_, { name, machines }, call) {
    await withLibvirts(machines, call.signal, async (all) => {
      for (const { machine, libvirt } of all) await deleteSnapshot(libvirt, machine.domain, name);
    });
  },
};

function isAskedBack({ revert }: SnapshotInputs, { takenBack }: SnapshotState): boolean {
  return revert !== undefined && revert !== takenBack;
}
