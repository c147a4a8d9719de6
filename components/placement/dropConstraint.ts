import type { Problem, Rule, ServiceRequest } from "./problem.js";
import { changed, type Enough, type Relaxation } from "./relaxation.js";

interface Drop {
  readonly text: string;
  readonly apply: (problem: Problem) => Problem;
}

/** Constraints, each of which makes a place for everything when it is left out; where none does, two that do together. */
export function dropConstraint(
  problem: Problem,
  services: readonly ServiceRequest[],
  enough: Enough,
): Relaxation[] {
  const drops = services.flatMap((service) => dropsOf(problem, service));
  const relaxed = (list: readonly Drop[]): Relaxation => ({
    kind: "drop",
    text: list.map(({ text }) => text).join(" and "),
    problem: list.reduce((all, { apply }) => apply(all), problem),
  });
  const single = drops.map((one) => relaxed([one])).filter(enough);
  if (single.length > 0) return single;
  for (const [index, one] of drops.entries()) {
    for (const other of drops.slice(index + 1)) {
      const both = relaxed([one, other]);
      if (enough(both)) return [both];
    }
  }
  return [];
}

/** Each constraint of a service left out. */
function dropsOf(problem: Problem, service: ServiceRequest): Drop[] {
  const { name, spread = "none", machines, rules = [], volume, pins = {}, ports = [], tolerates } = service;
  const drop = (what: string, change: (one: ServiceRequest) => Partial<ServiceRequest>): Drop => ({
    text: `service "${name}" ${what}`,
    apply: (other) => changed(other, service, change(other.services.find((one) => one.name === name)!)),
  });
  const taints = [...new Set(problem.machines.flatMap((machine) => machine.taints ?? []))];
  const foreign = taints.filter((taint) => !tolerates?.includes(taint));
  return [
    ...(spread === "none" ? [] : [drop(`without "spread: ${spread}"`, () => ({ spread: "none" }))]),
    ...(machines === undefined
      ? []
      : [
          drop("without its choice of machines", () => ({
            machines: problem.machines.map((one) => one.name),
          })),
        ]),
    ...rules
      .filter(({ weight }) => weight === undefined)
      .map((rule) =>
        drop(`without ${words(rule)}`, (now) => ({ rules: (now.rules ?? []).filter((one) => one !== rule) })),
      ),
    ...(volume ? [drop("without data that holds it where it is", () => ({ volume: false }))] : []),
    ...(Object.keys(pins).length > 0 ? [drop("without its pins", () => ({ pins: {} }))] : []),
    ...(ports.length > 0 ? [drop("without its fixed ports", () => ({ ports: [] }))] : []),
    ...(foreign.length === 0
      ? []
      : [drop(`tolerating ${foreign.join(" and ")}`, () => ({ tolerates: taints }))]),
  ];
}

function words({ want, of, within = "machine" }: Rule): string {
  const what =
    "service" in of
      ? `service ${of.service} (${within})`
      : "zone" in of
        ? `zone ${of.zone}`
        : `${of.label}: ${of.value}`;
  return `"${want}: ${what}"`;
}
