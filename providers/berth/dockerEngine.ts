import { machineOff, SshError } from "../connection/index.js";
import { type Call, duration, inputChanges, type ResourceHandler } from "../kit/index.js";
import { checkEngine } from "./engine/checkEngine.js";
import { askDocker, converge } from "./engine/converge.js";
import { driftedInputs, flagChanges, flags, liveFlags } from "./engine/drift.js";
import { Machine } from "./engine/machine.js";
import type { MachineFacts } from "./engine/machineFacts.js";
import { reachMachine, refuseFailedBoot } from "./engine/reachMachine.js";
import { removeLeftovers } from "./engine/removeLeftovers.js";
import type { EngineInputs, EngineState } from "./engine/types.js";

/** A change of these alone is not the machine's business. */
const localInputs = ["bootTimeout", "consoleLog", "package"];

/** Room for the steps after the boot: installing, (re)starting twice, answering. */
const limitMs = 45 * 60_000;
const readLimitMs = 120_000;
const answerLimitMs = 30_000;

/** Docker Engine on a machine, reached over SSH. See the SDK's DockerEngine for its inputs. */
export const dockerEngine: ResourceHandler<EngineInputs, EngineState, unknown> = {
  replaceOn: ["machine"],
  computed: ["version", "machineId", "engineId", ...flags, "takenBack"],
  unstable: [...flags],
  timeouts: { create: limitMs, update: limitMs, read: readLimitMs },

  check: (inputs) => checkEngine(inputs),

  diff({ state, oldInputs, inputs }) {
    const changes = inputChanges(oldInputs, inputs, ["machine"]).filter(
      ({ path }) => !/^reverted/.test(path),
    );
    const { reverted = [] } = inputs;
    // On a machine that was taken back are the containers of then; a word that is taken away changes nothing.
    if (reverted.some((word) => !(state.takenBack ?? []).includes(word))) {
      changes.push({ path: "reverted", kind: "update-replace" });
    }
    return { changes: [...changes, ...flagChanges(state)] };
  },

  async create(inputs, call) {
    const state = await withMachine(inputs, async (machine) => {
      call.step?.("os");
      const facts = await reachMachine(machine, reach(inputs), call);
      call.step?.("init");
      await refuseFailedBoot(machine, facts, call.signal);
      const converged = await converge(machine, facts, inputs, call);
      await removeLeftovers(machine, call);
      return converged;
    });
    return { id: state.machineId, state: { ...state, takenBack: inputs.reverted ?? [] } };
  },

  async read(id, state, inputs, call) {
    if (!state || !inputs) {
      throw new Error(
        `Docker engine ${id}: it cannot be imported, for how to reach it is not known. Declare it instead.`,
      );
    }
    return withMachine(inputs, async (machine) => {
      const facts = await look(machine, call);
      // The machine is gone, or another one has taken its place: this engine has gone with it.
      if (facts === "gone" || (facts !== "off" && facts.machineId !== state.machineId)) return undefined;
      if (facts === "off") return { id, state: { ...state, running: false, access: false }, inputs };
      const live = liveFlags(facts);
      const answers = live.running && live.access;
      const asked = answers ? await askDocker(machine, answerLimitMs, call) : {};
      return { id, state: { ...state, ...asked, ...live }, inputs: driftedInputs(inputs, facts) };
    });
  },

  async update({ state, oldInputs, inputs }, call: Call<unknown>) {
    const changed = [...inputChanges(oldInputs, inputs, []), ...flagChanges(state)];
    if (changed.every(({ path }) => localInputs.includes(path))) return state;
    return withMachine(inputs, async (machine) => {
      const facts = await reachMachine(machine, reach(inputs), call);
      const converged = await converge(machine, facts, inputs, call);
      return { ...converged, takenBack: state.takenBack ?? [] };
    });
  },

  /** The machine keeps its Docker, and need not be there any more. */
  async delete() {},
};

function reach({ bootTimeout, consoleLog }: EngineInputs) {
  return { limitMs: duration(bootTimeout), consoleLog };
}

async function withMachine<T>(inputs: EngineInputs, use: (machine: Machine) => Promise<T>): Promise<T> {
  const machine = new Machine(inputs.connection);
  try {
    return await use(machine);
  } finally {
    machine.close();
  }
}

/** What is on a machine, or libvirt's word on why that can't be looked at. */
async function look(machine: Machine, call: Call<unknown>): Promise<MachineFacts | "off" | "gone"> {
  try {
    return await machine.look(0, call.signal);
  } catch (error) {
    const off = machineOff(error);
    if (off === "off") {
      call.log(
        "warning",
        `${(error as Error).message} What is in it is taken to be there and stopped; "pulumi up" starts it.`,
      );
    }
    if (off !== undefined) return off;
    throw error instanceof SshError && error.kind !== "host-key" ? unread(machine, error) : error;
  }
}

function unread(machine: Machine, error: SshError): Error {
  return new Error(
    `${machine.where} cannot be reached, so what runs on it is not known: ${error.message} ` +
      "Where it is only slow, refresh again; where nothing in it is to be kept, `berth restart` or a new machine helps.",
    { cause: error },
  );
}
