import type { ChangePlan, Step } from "./step.js";

const words: Readonly<Partial<Record<Step["do"], string>>> = {
  add: "is missing",
  return: "is in maintenance",
  undrain: "is drained",
  check: "is not checked",
  weigh: "has another weight",
  remove: "is not in the file",
};

/** What differs between HAProxy and its file, from the plan that would bring it back; `undefined` where nothing does. */
export function describeDrift(plan: ChangePlan): string | undefined {
  if (plan.way === "reload") return plan.reason;
  const found = plan.steps.flatMap((step) => {
    const what = words[step.do];
    return what === undefined || !("server" in step) ? [] : `server ${step.server} ${what}`;
  });
  return found.length === 0 ? undefined : found.join(", ");
}
