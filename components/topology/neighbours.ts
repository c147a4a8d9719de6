import { type Issues, type Path, show } from "./issues.js";
import { choose, defined } from "./references.js";
import type { Written } from "./schema.js";
import type { NeighbourSpec } from "./topology.js";

type WrittenNeighbour = NonNullable<Written<"services">["near"]>[number];

/** A machine, or a hypervisor for services that run as machines. */
export interface Zoned {
  readonly zone: string;
}

/** What a service is to be near to, or apart from: of each entry, one of a service, a label or a zone. */
export function resolveNeighbours(
  written: readonly WrittenNeighbour[] | undefined,
  at: Path,
  services: readonly string[],
  machines: readonly Zoned[],
  issues: Issues,
): NeighbourSpec[] {
  return (written ?? []).flatMap((one, index): NeighbourSpec[] => {
    const where = [...at, index];
    const named = [one.service, one.label, one.zone].filter((name) => name !== undefined);
    if (named.length !== 1) {
      issues.add(
        where,
        `names ${named.length === 0 ? "nothing" : "several things"}; write one of service, label with value, or zone.`,
      );
      return [];
    }
    if (one.service === undefined && one.within !== undefined) {
      issues.add([...where, "within"], "is for services only; remove it.");
    }
    const weight = defined({ weight: one.weight });
    if (one.service !== undefined) {
      const service = choose(issues, [...where, "service"], one.service, "services", services);
      return service === undefined ? [] : [{ service, within: one.within ?? "machine", ...weight }];
    }
    if (one.zone !== undefined) {
      if (!machines.some(({ zone }) => zone === one.zone)) {
        const zones = [...new Set(machines.map(({ zone }) => zone))];
        issues.add(
          [...where, "zone"],
          `no machine is in zone ${show(one.zone)}; use one of ${zones.join(", ")}.`,
        );
      }
      return [{ zone: one.zone, ...weight }];
    }
    if (one.value === undefined) {
      issues.add([...where, "value"], "missing; give the label's value.");
      return [];
    }
    return [{ label: one.label!, value: one.value, ...weight }];
  });
}
