import { SshError } from "../connection/index.js";
import { type Call, duration, inputChanges, type ResourceHandler } from "../kit/index.js";
import { checkEngine } from "./engine/checkEngine.js";
import { askDocker, converge } from "./engine/converge.js";
import { driftedInputs, flagChanges, liveFlags } from "./engine/drift.js";
import { Machine } from "./engine/machine.js";
import { reachMachine, refuseFailedBoot } from "./engine/reachMachine.js";
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
  computed: ["version", "machineId", "engineId", "running", "enabled", "access"],
  unstable: ["running", "enabled", "access"],
  timeouts: { create: limitMs, update: limitMs, read: readLimitMs },

  check: (inputs) => checkEngine(inputs),

  diff({ state, oldInputs, inputs }) {
    return { changes: [...inputChanges(oldInputs, inputs, ["machine"]), ...flagChanges(state)] };
  },

  async create(inputs, call) {
    const state = await withMachine(inputs, async (machine) => {
      const facts = await reachMachine(machine, reach(inputs), call);
      await refuseFailedBoot(machine, facts, call.signal);
      return converge(machine, facts, inputs, call);
    });
    return { id: state.machineId, state };
  },

  async read(id, state, inputs, call) {
    if (!state || !inputs) {
      throw new Error(
        `Docker engine ${id}: it cannot be imported, for how to reach it is not known. Declare it instead.`,
      );
    }
    return withMachine(inputs, async (machine) => {
      const facts = await machine.look(0, call.signal).catch((error: unknown) => {
        throw error instanceof SshError && error.kind !== "host-key" ? unread(machine, error) : error;
      });
      // Another machine has taken its place: this engine has gone with the old one.
      if (facts.machineId !== state.machineId) return undefined;
      const flags = liveFlags(facts);
      const answers = flags.running && flags.access;
      const asked = answers ? await askDocker(machine, answerLimitMs, call) : {};
      return { id, state: { ...state, ...asked, ...flags }, inputs: driftedInputs(inputs, facts) };
    });
  },

  async update({ state, oldInputs, inputs }, call: Call<unknown>) {
    const changed = [...inputChanges(oldInputs, inputs, []), ...flagChanges(state)];
    if (changed.every(({ path }) => localInputs.includes(path))) return state;
    return withMachine(inputs, async (machine) => {
      const facts = await reachMachine(machine, reach(inputs), call);
      return converge(machine, facts, inputs, call);
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

function unread(machine: Machine, error: SshError): Error {
  return new Error(
    `${machine.where} cannot be reached, so what runs on it is not known: ${error.message} ` +
      "Start it and refresh again; where it is gone for good, `pulumi up` without a refresh replaces it.",
    { cause: error },
  );
}
