import { usableCpus, usableMemoryBytes } from "./capacity.js";
import type { Issues } from "./issues.js";
import { formatSize } from "./quantities.js";
import type { MachineSpec, ServiceSpec } from "./topology.js";

/** What no placement can mend: a service that would not fit even if it were alone, and ports that two services insist on. */
export function checkCapacity(
  services: readonly ServiceSpec[],
  machines: readonly MachineSpec[],
  issues: Issues,
): void {
  for (const service of services) {
    const eligible = machines.filter((machine) => service.machines.includes(machine.name));
    if (eligible.length > 0) checkRoom(service, eligible, issues);
  }
  for (const [index, service] of services.entries()) {
    const rival = services
      .slice(0, index)
      .find((one) => one.publish === service.publish && shared(one, service) !== undefined);
    if (service.publish !== undefined && rival !== undefined) {
      issues.add(
        ["services", service.name, "publish"],
        `service "${rival.name}" publishes ${service.publish} too, and both may run on machine "${shared(rival, service)}"; choose another, or leave it out.`,
      );
    }
  }
}

function checkRoom(service: ServiceSpec, eligible: readonly MachineSpec[], issues: Issues): void {
  const at = ["services", service.name, "replicas"];
  const { replicas } = service;
  const { cpus, memoryBytes } = service.requests;
  const apart = service.spread === "machine";
  const names = (list: readonly MachineSpec[]) => list.map(({ name }) => name).join(", ");
  const needed = `${count(replicas, "replica")} ${replicas === 1 ? "needs" : "need"}`;
  const zones = [...new Set(eligible.map(({ zone }) => zone))];
  if (service.spread === "zone" && zones.length < replicas) {
    const there = zones.length === 1 ? "there is 1" : `there are ${zones.length}`;
    issues.add(
      at,
      `${needed} ${count(replicas, "zone")} with "spread: zone", and ${there}: ${zones.join(", ")}. Add a machine in another zone, or lower "replicas".`,
    );
    return;
  }
  if (apart && eligible.length < replicas) {
    const there = eligible.length === 1 ? "there is 1" : `there are ${eligible.length}`;
    issues.add(
      at,
      `${needed} ${count(replicas, "machine")} with "spread: machine", and ${there}: ${names(eligible)}. Add a machine, or lower "replicas".`,
    );
    return;
  }
  const slots = (machine: MachineSpec) =>
    Math.min(
      memoryBytes === undefined ? Infinity : Math.floor(usableMemoryBytes(machine) / memoryBytes),
      cpus === undefined ? Infinity : Math.floor(usableCpus(machine) / cpus + 1e-9),
      apart ? 1 : Infinity,
    );
  const room = eligible.reduce((sum, machine) => sum + slots(machine), 0);
  if (room >= replicas) return;
  const limits = [
    ...(memoryBytes === undefined ? [] : [formatSize(memoryBytes)]),
    ...(cpus === undefined ? [] : [count(cpus, "CPU")]),
  ].join(" and ");
  const fitting = eligible.filter((machine) => slots(machine) > 0);
  if (apart) {
    const have =
      fitting.length === 0 ? "none has" : fitting.length === 1 ? "1 has" : `${fitting.length} have`;
    const list = fitting.length === 0 ? "" : `: ${names(fitting)}`;
    issues.add(
      at,
      `${needed} ${count(replicas, "machine")} with "spread: machine", and ${have} ${limits} free${list}. Add a machine, or lower "replicas".`,
    );
    return;
  }
  const held = eligible.map(
    (machine) =>
      `${machine.name} ${slots(machine)} (${formatSize(usableMemoryBytes(machine))}, ${count(usableCpus(machine), "CPU")})`,
  );
  issues.add(
    at,
    `${needed} ${limits}${replicas === 1 ? "" : " each"}, and the machines hold ${room}: ${held.join(", ")}. Add a machine, or lower "replicas" or the limits.`,
  );
}

function shared(one: ServiceSpec, other: ServiceSpec): string | undefined {
  return one.machines.find((machine) => other.machines.includes(machine));
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
