import { groupBy } from "./groupBy.js";
import { type Assignment, type Machine, type Problem, replicaKey, type ServiceRequest } from "./problem.js";

/**
 * Every rule that a placement breaks, in words; none where it is valid. Replicas that are not placed break none.
 * It reads the problem as it is written and shares no code with the solver.
 */
export function verify(problem: Problem, assignment: Assignment): string[] {
  const machines = new Map(problem.machines.map((machine) => [machine.name, machine]));
  const replicas = problem.services.flatMap((service) =>
    Array.from({ length: service.replicas }, (_, index) => {
      const key = replicaKey(service.name, index + 1);
      return { key, number: index + 1, service, at: assignment[key] };
    }),
  );
  const known = new Set(replicas.map(({ key }) => key));
  const violations = Object.entries(assignment).flatMap(([key, machine]) => [
    ...(known.has(key) ? [] : [`${key}: there is no such replica`]),
    ...(machines.has(machine) ? [] : [`${key}: there is no machine ${machine}`]),
  ]);
  const placed = replicas.flatMap(({ key, number, service, at }) => {
    const machine = machines.get(at ?? "");
    return machine === undefined ? [] : [{ key, number, service, machine }];
  });

  for (const { key, number, service, machine } of placed) {
    const wrong = (rule: string) => violations.push(`${key} on ${machine.name}: ${rule}`);
    if (service.machines && !service.machines.includes(machine.name)) wrong("not one of its machines");
    if ((service.form ?? "container") !== (machine.runs ?? "container")) wrong("runs another form");
    for (const taint of machine.taints ?? []) {
      if (!service.tolerates?.includes(taint)) wrong(`does not tolerate ${taint}`);
    }
    const pin = service.pins?.[number];
    if (pin !== undefined && pin !== machine.name) wrong(`pinned to ${pin}`);
    const today = problem.today?.[key];
    if (pin === undefined && service.volume && today && machines.has(today) && today !== machine.name) {
      wrong(`its volume is on ${today}`);
    }
    for (const [resource, most] of Object.entries(service.limits ?? {})) {
      const name = resource as keyof Machine["capacity"];
      if (most > machine.capacity[name] - (machine.reserved?.[name] ?? 0) + 1e-6)
        wrong(`its ${name} limit is above the machine's`);
    }
    for (const { want, of, within = "machine", weight } of service.rules ?? []) {
      if (weight !== undefined) continue;
      const met =
        "zone" in of
          ? machine.zone === of.zone
          : "label" in of
            ? machine.labels?.[of.label] === of.value
            : placed.some(
                (other) =>
                  other.key !== key &&
                  other.service.name === of.service &&
                  together(other.machine, machine, within),
              );
      if (met !== (want === "near")) wrong(`must be ${want} ${JSON.stringify(of)}`);
    }
  }
  for (const [service, mine] of groupBy(placed, (one) => one.service)) {
    const { spread = "none" } = service;
    if (spread === "none") continue;
    for (const [one, other] of pairs(mine)) {
      if (!together(one.machine, other.machine, spread)) continue;
      violations.push(`${one.key} and ${other.key}: both in ${spread} of ${one.machine.name}`);
    }
  }
  const onMachine = groupBy(placed, (one) => one.machine);
  for (const [machine, here] of onMachine) {
    const taken = here.flatMap(({ service: { ports = [] } }) => ports);
    for (const port of new Set([...repeated(taken), ...taken.filter((one) => machine.ports?.includes(one))]))
      violations.push(`${machine.name}: port ${port} is taken twice`);
    violations.push(
      ...overloads(
        machine,
        here.map(({ service }) => service),
      ),
    );
  }
  return [...violations, ...torn(problem, assignment)];
}

function together(one: Machine, other: Machine, within: "machine" | "zone"): boolean {
  return one.name === other.name || (within === "zone" && one.zone !== undefined && one.zone === other.zone);
}

function overloads(machine: Machine, here: readonly ServiceRequest[]): string[] {
  return (["cpus", "memoryBytes", "diskBytes"] as const)
    .filter((resource) => {
      const used = here.reduce((total, { requests }) => total + (requests?.[resource] ?? 0), 0);
      // Sums of fractions such as 0.1 CPUs are not exact in binary.
      return used > 0 && used > machine.capacity[resource] - (machine.reserved?.[resource] ?? 0) + 1e-6;
    })
    .map((resource) => `${machine.name}: over its ${resource}`);
}

function pairs<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((one, index) => list.slice(index + 1).map((other): [T, T] => [one, other]));
}

function repeated(values: readonly number[]): number[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

/** Groups whose n-th replicas are not together; a group that is placed in part is torn too. */
function torn(problem: Problem, assignment: Assignment): string[] {
  const groups = groupBy(
    problem.services.filter((service) => service.group !== undefined),
    (service) => service.group,
  );
  return [...groups].flatMap(([group, members]) =>
    Array.from({ length: Math.max(...members.map(({ replicas }) => replicas)) }, (_, index) => {
      const places = new Set(members.map(({ name }) => assignment[replicaKey(name, index + 1)]));
      return places.size > 1 ? [`group ${group}: replica ${index + 1} is not on one machine`] : [];
    }).flat(),
  );
}
