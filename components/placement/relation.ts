import { naturalOrder } from "../topology/index.js";
import { type CapacityReport, capacityOf } from "./capacity.js";
import { capacityText } from "./capacityText.js";
import { type Assignment, type Problem, replicaKey } from "./problem.js";

/** The bipartite relation of services and machines: who has how many replicas where, as edges and as a matrix. */
export interface Relation {
  readonly machines: readonly string[];
  readonly services: readonly string[];
  readonly edges: readonly { readonly replica: string; readonly service: string; readonly machine: string }[];
  /** By service, then machine: replicas. */
  readonly matrix: readonly (readonly number[])[];
  /** What each machine has, what is used of it, and V_total = Σ V_i. */
  readonly capacity: CapacityReport;
}

export function relationOf(problem: Problem, assignment: Assignment): Relation {
  const machines = problem.machines.map(({ name }) => name).sort(naturalOrder);
  const ordered = [...problem.services].sort((one, other) => naturalOrder(one.name, other.name));
  const edges = ordered.flatMap(({ name, replicas }) =>
    Array.from({ length: replicas }, (_, index) => replicaKey(name, index + 1)).flatMap((replica) =>
      assignment[replica] === undefined ? [] : [{ replica, service: name, machine: assignment[replica] }],
    ),
  );
  const services = ordered.map(({ name }) => name);
  const matrix = services.map((service) =>
    machines.map(
      (machine) => edges.filter((one) => one.service === service && one.machine === machine).length,
    ),
  );
  return { machines, services, edges, matrix, capacity: capacityOf(problem, assignment) };
}

/** The matrix, a row a service, a column a machine, a dot for none; and below it the room of each machine and in all. */
export function relationText({ machines, services, matrix, capacity }: Relation): string[] {
  const cells = (row: readonly number[]) => row.map((count) => (count === 0 ? "·" : String(count)));
  const wide = Math.max(7, ...services.map(({ length }) => length));
  const columns = machines.map((name) => Math.max(3, name.length));
  const line = (first: string, row: readonly string[]) =>
    [first.padEnd(wide), ...row.map((cell, index) => cell.padStart(columns[index]!))].join("  ").trimEnd();
  return [
    line("service", machines),
    ...matrix.map((row, index) => line(services[index]!, cells(row))),
    "",
    ...capacityText(capacity),
  ];
}
