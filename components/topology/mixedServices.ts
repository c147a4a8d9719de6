import type { Issues } from "./issues.js";
import type { MachineServiceSpec, ServiceSpec } from "./topology.js";

type Mixed = Pick<ServiceSpec, "name" | "group" | "near">;

/** A container and a virtual machine of its own are never in one place: what asks for that can't be met. */
export function checkMixed(
  services: readonly ServiceSpec[],
  machineServices: readonly MachineServiceSpec[],
  issues: Issues,
): void {
  check(services, machineServices, issues);
  check(machineServices, services, issues);
}

function check(mine: readonly Mixed[], others: readonly Mixed[], issues: Issues): void {
  for (const { name, group, near } of mine) {
    const partner = others.find((one) => group !== undefined && one.group === group);
    if (partner !== undefined) {
      issues.add(
        ["services", name, "group"],
        `service "${partner.name}" of group "${group}" does not run as the same, so they can't be on one machine; take it out of the group.`,
      );
    }
    for (const [index, one] of near.entries()) {
      if (!("service" in one) || one.within !== "machine" || one.weight !== undefined) continue;
      if (others.some((other) => other.name === one.service)) {
        issues.add(
          ["services", name, "near", index],
          `service "${one.service}" does not run as the same, so they can't be on one machine; write "within: zone".`,
        );
      }
    }
  }
}
