import { type CheckFailure, hasUnknown } from "../../../kit/index.js";
import { toNanoseconds } from "../../container/units.js";
import { mistakes } from "../../shape.js";
import { serviceShape } from "./serviceShape.js";
import type { ServiceInputs } from "./types.js";

/** Every mistake in a service's inputs that can be seen without asking the engine. */
export function checkService(inputs: ServiceInputs): CheckFailure[] {
  const failures = mistakes(serviceShape, inputs);
  const { mode, convergeConfig, taskSpec, endpointSpec } = inputs;
  if (mode?.global && mode.replicated !== undefined) {
    failures.push({
      property: "mode",
      reason: "a service is either global or replicated: give one of the two",
    });
  }
  for (const name of ["delay", "timeout"] as const) {
    const text = convergeConfig?.[name];
    if (typeof text !== "string") continue;
    try {
      toNanoseconds(text);
    } catch (error) {
      failures.push({ property: `convergeConfig.${name}`, reason: (error as Error).message });
    }
  }
  if (taskSpec?.containerSpec?.image === "") {
    failures.push({ property: "taskSpec.containerSpec.image", reason: "an image must be named" });
  }
  const published = endpointSpec?.ports;
  if (endpointSpec?.mode === "dnsrr" && Array.isArray(published) && !hasUnknown(published)) {
    for (const [i, { publishMode }] of published.entries()) {
      if ((publishMode ?? "ingress") !== "ingress") continue;
      failures.push({
        property: `endpointSpec.ports[${i}].publishMode`,
        reason:
          'the ingress network needs the mode "vip"; use publishMode "host", or leave out the mode "dnsrr"',
      });
    }
  }
  return failures;
}
