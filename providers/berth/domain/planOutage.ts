import { type Call, duration } from "../../kit/index.js";
import { bootLimitMs } from "./awaitBoot.js";
import { answerLimitMs } from "./awaitResidents.js";
import type { Effect } from "./changeEffect.js";
import { describeOutage, type Outage, refusal } from "./outage.js";
import type { DomainInputs } from "./types.js";

/** By URN: what one plan does to the machines, as one process is asked of it. */
const plan = new Map<string, Outage>();

/** Says in the preview what a change of a machine stops. @throws where a service does not allow it */
export function planOutage(
  effect: Effect,
  { stopGrace, residents }: DomainInputs,
  call: Call<unknown>,
): void {
  if (!Array.isArray(residents)) return;
  const limitMs = duration(stopGrace) + bootLimitMs + answerLimitMs;
  // The resource has the name that the program and the command line know the machine by.
  const outage = { machine: call.urn.slice(call.urn.lastIndexOf("::") + 2), effect, residents, limitMs };
  plan.set(call.urn, outage);
  const others = [...plan].filter(([urn]) => urn !== call.urn).map(([, one]) => one);
  const refused = refusal(outage, others);
  if (refused !== undefined) throw new Error(refused);
  const words = describeOutage(outage);
  if (words !== undefined) call.log("warning", words);
}
