import type { Capacity, CapacityReport } from "./capacity.js";
import { table } from "./table.js";

/**
 * What there is, what is used and what is free, a line for each machine, for each of several zones, and for all of it.
 *
 * @param before what it was in all, for a line of its own. Default: none.
 * @param most machines that are listed; of more, those with the least share left. Default: all.
 */
export function capacityText(
  { machines, zones, all, hypervisors }: CapacityReport,
  before?: Capacity,
  most = Infinity,
): string[] {
  const amounts = ["used", "free", "of"];
  const heading = ["", ...["CPUs", "memory", "disk"].flatMap((name) => [name, "", ""]), ""];
  const fullest = new Set([...machines].sort((a, b) => fullness(b) - fullness(a)).slice(0, most));
  const shown = machines.filter((one) => fullest.has(one));
  const hidden = machines.length - shown.length;
  const rows = [
    heading,
    ["", ...amounts, ...amounts, ...amounts, "replicas"],
    ...shown.map((one) => [one.name, ...cells(one), listed(one.replicas)]),
    ...(hidden > 0 ? [[`${hidden} more`]] : []),
    ...(zones.length > 1 ? zones : []).map((one) => [
      `zone ${one.name}`,
      ...cells(one),
      String(one.replicas.length),
    ]),
    ["all", ...cells(all), String(all.replicas.length)],
    ...(before === undefined ? [] : [["before", ...cells(before), String(before.replicas.length)]]),
    ...(hypervisors?.each ?? []).map((one) => [
      `hypervisor ${one.name}`,
      ...cells(one),
      listed(one.replicas),
    ]),
    ...(hypervisors === undefined || hypervisors.each.length === 1
      ? []
      : [["all hypervisors", ...cells(hypervisors.all), String(hypervisors.all.replicas.length)]]),
  ];
  return table(rows, 2);
}

/** An amount of memory or disk in few characters: `1.9GiB`. */
export function shortSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(bytes) || 1) / 10)));
  return `${Number((bytes / 2 ** (10 * unit)).toFixed(1))}${units[unit]}`;
}

function fullness({ used, total }: Capacity): number {
  const keys = ["cpus", "memoryBytes", "diskBytes"] as const;
  return Math.max(...keys.map((key) => (used[key] === 0 ? 0 : used[key] / total[key])));
}

function cells({ used, free, total }: Capacity): string[] {
  const columns = [used, free, total];
  return [
    ...columns.map(({ cpus }) => String(Number(cpus.toFixed(2)))),
    ...columns.map(({ memoryBytes }) => shortSize(memoryBytes)),
    ...columns.map(({ diskBytes }) => shortSize(diskBytes)),
  ];
}

const mostListed = 6;

function listed(keys: readonly string[]): string {
  if (keys.length === 0) return "none";
  const more = keys.length - mostListed;
  return `${keys.slice(0, mostListed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
