import { randomUUID } from "node:crypto";
import { type CheckFailure, duration, type ResourceHandler } from "../kit/index.js";
import { defaultConfigPath } from "./haproxy/runtimeApiOf.js";
import { Mistakes } from "./mistakes.js";
import { carryOut } from "./rollout/carryOut.js";
import type { RolloutInputs } from "./rollout/types.js";

interface RolloutState {
  /** Another one each time that it is carried out. */
  readonly run: string;
}

/** New servers' checks, and sessions of servers that go; stages come on top, by the component. */
const limitMs = 15 * 60_000;

/** A service's replicas on their way from one generation to the next. See the SDK's Rollout for its inputs. */
export const rollout: ResourceHandler<RolloutInputs, RolloutState, unknown> = {
  computed: ["run"],
  unstable: ["run"],
  timeouts: { create: limitMs, update: limitMs },

  check(given) {
    const balancers = Array.isArray(given.balancers)
      ? given.balancers.map((one) => ({ path: defaultConfigPath, ...one }))
      : given.balancers;
    const inputs = {
      ...given,
      balancers,
      way: given.way ?? "enter",
      shares: given.shares ?? [],
      hold: given.hold ?? "30s",
      check: given.check ?? {},
      stopOld: given.stopOld ?? false,
      stopGraceSeconds: given.stopGraceSeconds ?? 10,
    };
    return { inputs, failures: mistakesIn(inputs) };
  },

  async create(inputs, call) {
    await carryOut(inputs, call);
    return { id: call.urn.slice(call.urn.lastIndexOf("::") + 2), state: { run: randomUUID() } };
  },

  async read(id, state, inputs) {
    if (!state || !inputs) throw new Error(`rollout ${id}: it can't be imported. Declare it instead.`);
    // What is in force is the load balancer's configuration's to tell.
    return { id, state, inputs };
  },

  async update({ inputs }, call) {
    await carryOut(inputs, call);
    return { run: randomUUID() };
  },

  /** What it has brought about stays. */
  async delete() {},
};

function mistakesIn(inputs: RolloutInputs): readonly CheckFailure[] {
  const mistakes = new Mistakes();
  mistakes.text("service", inputs.service, "the service's name");
  if (!["enter", "leave"].includes(inputs.way)) {
    mistakes.add("way", `is "${inputs.way}"; expected "enter" or "leave"`);
  }
  const lasts = (property: string, value: unknown) => {
    if (!mistakes.text(property, value, 'a duration such as "30s"')) return;
    try {
      duration(value);
    } catch (error) {
      mistakes.add(property, (error as Error).message);
    }
  };
  lasts("hold", inputs.hold);
  const { timeout, responseTime, errorPercent } = inputs.check;
  if (timeout !== undefined) lasts("check.timeout", timeout);
  if (responseTime !== undefined) lasts("check.responseTime", responseTime);
  if (errorPercent !== undefined && !(errorPercent >= 0 && errorPercent <= 100)) {
    mistakes.add("check.errorPercent", `is ${errorPercent}; expected a number from 0 to 100`);
  }
  const { shares } = inputs;
  if (Array.isArray(shares)) {
    for (const [index, share] of shares.entries()) {
      if (!(share > 0 && share <= 100) || share <= (shares[index - 1] ?? 0)) {
        mistakes.add(
          `shares[${index}]`,
          `is ${share}; expected percentages up to 100, each above the one before`,
        );
      }
    }
  }
  return mistakes.failures;
}
