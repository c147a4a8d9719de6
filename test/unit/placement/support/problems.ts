import fc from "fast-check";
import type { Machine, Problem, Rule, ServiceRequest } from "../../../../components/placement/index.js";

/** Problems with every feature of the model, small enough to try each placement of them. */
export interface Size {
  readonly machines: number;
  /** Replicas of all services together, at most. */
  readonly replicas: number;
}

const names = ["a", "b", "c", "d", "e", "f"] as const;
const mib = 2 ** 20;

const machine = fc.record(
  {
    cpus: fc.constantFrom(1, 2, 4),
    memory: fc.constantFrom(512, 1024, 2048),
    reserved: fc.constantFrom(0, 128),
    zone: fc.constantFrom("x", "y"),
    disk: fc.constantFrom("ssd", "hdd"),
    taints: fc.constantFrom([], [], ["gpu"]),
    ports: fc.constantFrom([], [], [80]),
    cost: fc.constantFrom(1, 1, 2, 3),
    runs: fc.constantFrom("container" as const, "container" as const, "machine" as const),
  },
  { requiredKeys: ["cpus", "memory"] },
);

const target = fc.oneof(
  fc.constantFrom(...names.slice(0, 3)).map((service) => ({ service })),
  fc.constantFrom("ssd", "hdd").map((value) => ({ label: "disk", value })),
  fc.constantFrom("x", "y").map((zone) => ({ zone })),
);

const rule: fc.Arbitrary<Rule> = fc
  .record(
    {
      want: fc.constantFrom("near" as const, "apart" as const),
      of: target,
      within: fc.constantFrom("machine" as const, "zone" as const),
      weight: fc.constantFrom(1, 1, 2, 5),
    },
    { requiredKeys: ["want", "of"] },
  )
  .map((one) => one as Rule);

const service = fc.record(
  {
    replicas: fc.integer({ min: 1, max: 3 }),
    cpus: fc.constantFrom(0, 0.1, 0.3, 0.5, 1),
    memory: fc.constantFrom(0, 100, 256, 300, 512, 700),
    limit: fc.constantFrom(256, 900),
    spread: fc.constantFrom("machine" as const, "zone" as const, "none" as const),
    rules: fc.array(rule, { minLength: 1, maxLength: 2 }),
    ports: fc.constantFrom([80], [443], [80, 443]),
    priority: fc.constantFrom(0, 0, 1),
    group: fc.constant("g"),
    volume: fc.constant(true),
    tolerates: fc.constant(["gpu"]),
    machines: fc.constantFrom(["m-1"], ["m-1", "m-2"]),
    pin: fc.constantFrom("m-1", "m-2"),
    form: fc.constant("machine" as const),
  },
  { requiredKeys: ["replicas", "memory"] },
);

type ServiceDraft = typeof service extends fc.Arbitrary<infer T> ? T : never;

/** Leaves most of the rarer settings out, or hardly any placement would be possible. */
const sparing = fc
  .tuple(service, fc.array(fc.nat({ max: 11 }), { minLength: 4, maxLength: 4 }))
  .map(([one, kept]) => {
    const rare = [
      "spread",
      "rules",
      "ports",
      "priority",
      "group",
      "volume",
      "tolerates",
      "machines",
      "pin",
      "limit",
      "form",
      "",
    ];
    const keep = new Set(["replicas", "memory", "cpus", ...kept.slice(0, 2).map((index) => rare[index])]);
    return Object.fromEntries(Object.entries(one).filter(([key]) => keep.has(key))) as ServiceDraft;
  });

export function problems(size: Size): fc.Arbitrary<Problem> {
  return fc
    .record({
      machines: fc.array(machine, { minLength: 1, maxLength: size.machines }),
      services: fc.array(sparing, { minLength: 1, maxLength: Math.min(names.length, size.replicas) }),
      settled: fc.array(fc.nat({ max: size.machines * 2 }), { maxLength: size.replicas }),
      prefer: fc.constantFrom("balance" as const, "pack" as const),
    })
    .map(({ machines, services, settled, prefer }) => {
      const list = limited(services, size.replicas);
      const keys = list.flatMap(({ name, replicas }) =>
        Array.from({ length: replicas }, (_, i) => `${name}-${i + 1}`),
      );
      // Some replicas are somewhere today, some on a machine that is gone, some nowhere.
      const today = settled.flatMap((at, index) =>
        keys[index] === undefined || at > size.machines ? [] : [[keys[index], `m-${at + 1}`] as const],
      );
      return { machines: machines.map(machineOf), services: list, today: Object.fromEntries(today), prefer };
    });
}

function machineOf(
  { cpus, memory, reserved, disk, ...rest }: typeof machine extends fc.Arbitrary<infer T> ? T : never,
  index: number,
): Machine {
  return {
    name: `m-${index + 1}`,
    capacity: { cpus, memoryBytes: memory * mib, diskBytes: 2 ** 33 },
    ...(reserved !== undefined && { reserved: { memoryBytes: reserved * mib } }),
    ...(disk !== undefined && { labels: { disk } }),
    ...rest,
  } as Machine;
}

function limited(drafts: readonly ServiceDraft[], most: number): ServiceRequest[] {
  const grouped = drafts.find(({ group }) => group !== undefined)?.replicas;
  let left = most;
  const services: ServiceRequest[] = [];
  for (const [index, draft] of drafts.entries()) {
    const { cpus, memory, limit, pin, ...rest } = draft;
    const replicas = Math.min((draft.group && grouped) ?? draft.replicas, 3);
    if (replicas > left) continue;
    left -= replicas;
    services.push({
      ...rest,
      name: names[index]!,
      replicas,
      requests: { memoryBytes: memory * mib, ...(cpus !== undefined && { cpus }) },
      ...(limit !== undefined && { limits: { memoryBytes: limit * mib } }),
      ...(pin !== undefined && { pins: { 1: pin } }),
    } as ServiceRequest);
  }
  return services;
}
