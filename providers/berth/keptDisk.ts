import { type Call, inputChanges, isUnknown, type ResourceHandler } from "../kit/index.js";
import { Libvirt } from "../virsh/libvirt.js";
import { volumeSize } from "../virsh/volumeSize.js";
import { removeVolumes } from "./domain/dataDisks.js";
import { ownedVolume } from "./domain/ownership.js";
import { makeVolume } from "./domain/rootDisk.js";
import { Mistakes } from "./mistakes.js";

interface KeptDiskInputs {
  readonly uri: string;
  readonly pool: string;
  readonly name: string;
  readonly size: number;
}

interface KeptDiskState {
  readonly uri: string;
  readonly pool: string;
  readonly volume: string;
}

const replacing = ["uri", "pool", "name"];

/** A volume that outlives the machine that has it; see the SDK's KeptDisk. */
export const keptDisk: ResourceHandler<KeptDiskInputs, KeptDiskState, unknown> = {
  computed: ["volume"],
  deleteBeforeReplace: true,

  check(inputs) {
    const mistakes = new Mistakes();
    mistakes.text("uri", inputs.uri, 'a libvirt connection URI such as "qemu:///system"');
    mistakes.text("pool", inputs.pool, "libvirt's name of a storage pool");
    mistakes.text("name", inputs.name, 'a name such as "web-1-data"');
    mistakes.integer("size", inputs.size, 2 ** 20, Number.MAX_SAFE_INTEGER);
    return { inputs, failures: mistakes.failures };
  },

  async diff({ state, oldInputs, inputs }, call) {
    const replaceOn = (await wasMoved(state, inputs, call)) ? ["name"] : replacing;
    // Its size is the machine's to raise, as a disk in use can be resized by nobody else.
    const changes = inputChanges(oldInputs, inputs, replaceOn).filter(({ path }) => path !== "size");
    return { changes, deleteBeforeReplace: true };
  },

  async create({ uri, pool, name, size }, call) {
    const volume = ownedVolume(name, call.urn);
    await Libvirt.with(uri, call.signal, async (libvirt) => {
      // One that a creation which was cut off has left is ours by its name.
      if ((await volumeSize(libvirt, { pool, name: volume })) === undefined) {
        await makeVolume(libvirt, { pool, name: volume, size });
      }
    });
    return { id: volume, state: { uri, pool, volume } };
  },

  async read(id, state, inputs, call) {
    if (!state || !inputs) throw new Error(`disk ${id}: it can't be imported. Declare it instead.`);
    return Libvirt.with(state.uri, call.signal, async (libvirt) =>
      (await volumeSize(libvirt, { pool: state.pool, name: state.volume })) === undefined
        ? undefined
        : { id, state, inputs },
    );
  },

  /** One that came to another hypervisor with its machine. */
  update: async ({ state, inputs: { uri, pool } }) => ({ ...state, uri, pool }),

  async delete(_id, state, call) {
    await Libvirt.with(state.uri, call.signal, (libvirt) =>
      removeVolumes(libvirt, state.pool, [state.volume]),
    );
  },
};

/** Whether `berth move` has brought it to where it is to be: its name is the resource's own. */
async function wasMoved(
  state: KeptDiskState,
  { uri, pool }: KeptDiskInputs,
  { signal }: Call<unknown>,
): Promise<boolean> {
  if (uri === state.uri || isUnknown(uri) || isUnknown(pool)) return false;
  const name = state.volume;
  return Libvirt.with(
    uri,
    signal,
    async (libvirt) => (await volumeSize(libvirt, { pool, name })) !== undefined,
  );
}
