import { formatSize } from "../topology/index.js";
import { type Amounts, type Form, type Machine, type Problem, replicaKey } from "./problem.js";
import { changed, type Enough, largest, numbers, type Relaxation } from "./relaxation.js";

/** Machines more that are tried, at most. */
const most = 64;

/**
 * What to add for what has no place: one machine, as small as does, in the first zone that does; where one is not enough, as few
 * of that size as are. A hypervisor for services that run as machines.
 */
export function addMachine(problem: Problem, unplaced: readonly string[], enough: Enough): Relaxation[] {
  const out = problem.services.flatMap((service) =>
    numbers(service.replicas)
      .filter((replica) => unplaced.includes(replicaKey(service.name, replica)))
      .map(() => service),
  );
  const forms = new Set(out.map(({ form = "container" }) => form));
  const [form] = forms;
  // What lacks both takes two answers; the one for the first is told when the other has been given.
  if (form === undefined || forms.size > 1) return [];
  const combined = (combine: (list: number[]) => number): Amounts => ({
    cpus: combine(out.map(({ requests }) => requests?.cpus ?? 0)),
    memoryBytes: combine(out.map(({ requests }) => requests?.memoryBytes ?? 0)),
    diskBytes: combine(out.map(({ requests }) => requests?.diskBytes ?? 0)),
  });
  const largestOf = combined((list) => Math.max(...list));
  const sum = combined((list) => list.reduce((total, one) => total + one, 0));
  const zones = [...new Set(problem.machines.map(({ zone }) => zone)), undefined];
  const choosy = new Set(out.filter(({ machines }) => machines !== undefined));
  // A service that names its machines has to name the new ones, too.
  const open = [...choosy].reduce(
    (all, service) =>
      changed(all, service, { machines: [...service.machines!, ...numbers(most).map((one) => added(one))] }),
    problem,
  );
  const labels = Object.fromEntries(
    out.flatMap(({ rules = [] }) =>
      rules.flatMap(({ want, of, weight }) =>
        want === "near" && weight === undefined && "label" in of ? [[of.label, of.value]] : [],
      ),
    ),
  );
  const tried = (capacity: Amounts, zone: string | undefined, count: number): Relaxation => ({
    kind: "add",
    text: [
      words(capacity, form, count),
      ...Object.entries(labels).map(([label, value]) => ` and the label ${label}: ${value}`),
      zones.length > 2 ? (zone === undefined ? " in a zone of its own" : ` in zone ${zone}`) : "",
      choosy.size === 0
        ? ""
        : `, on which ${[...choosy].map(({ name }) => `service "${name}"`).join(" and ")} may run`,
    ].join(""),
    problem: {
      ...open,
      machines: [
        ...open.machines,
        ...numbers(count).map((one): Machine => {
          const named = { name: added(one), capacity, labels, runs: form };
          return zone === undefined ? named : { ...named, zone };
        }),
      ],
    },
  });
  for (const capacity of [largestOf, sum]) {
    for (const zone of zones) {
      const one = tried(capacity, zone, 1);
      if (enough(one)) return [one];
    }
  }
  // From many down, the last that is enough is the fewest.
  const counts = numbers(Math.min(most, out.length)).reverse();
  for (const zone of [undefined, ...zones]) {
    const few = largest(
      counts.map((count) => tried(largestOf, zone, count)),
      enough,
    );
    if (few !== undefined) return [few];
  }
  return [];
}

function added(number: number): string {
  return `one-more-${number}`;
}

function words({ cpus, memoryBytes, diskBytes }: Amounts, form: Form, count: number): string {
  const amounts = [
    ...(memoryBytes > 0 ? [formatSize(memoryBytes)] : []),
    ...(cpus > 0 ? [`${Number(cpus.toFixed(3))} CPUs`] : []),
    ...(diskBytes > 0 ? [`${formatSize(diskBytes)} of disk`] : []),
  ];
  const noun = form === "machine" ? "hypervisor" : "machine";
  const free = amounts.length > 0 ? ` with ${amounts.join(" and ")} free` : "";
  return count === 1 ? `one ${noun}${free}` : `${count} ${noun}s${free}${free === "" ? "" : " each"}`;
}
