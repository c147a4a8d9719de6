import fc from "fast-check";
import { parseTopology, type Topology } from "../../../components/topology/index.js";

export type Settings = Readonly<Record<string, unknown>>;

/** A topology of these machines and services; every service answers on port 80 unless it says otherwise. */
export function topologyOf(machines: Record<string, Settings>, services: Record<string, Settings>): Topology {
  return parseTopology(
    {
      images: { debian: { manifest: "image.json" } },
      containerImages: { app: { context: "app" } },
      machines,
      services: Object.fromEntries(
        Object.entries(services).map(([name, settings]) => [name, { image: "app", port: 80, ...settings }]),
      ),
    },
    { stack: "dev" },
  );
}

const machineCount = fc.integer({ min: 1, max: 5 });

/** `m-1`, `m-2`, … with the settings that `settings` gives. */
export function machinesOf(settings: fc.Arbitrary<Settings>): fc.Arbitrary<Record<string, Settings>> {
  return machineCount
    .chain((count) => fc.array(settings, { minLength: count, maxLength: count }))
    .map((list) => Object.fromEntries(list.map((one, index) => [`m-${index + 1}`, one])));
}

/** Services named `a`, `b`, … with few replicas, and ports that collide. */
export function servicesOf(settings: fc.Arbitrary<Settings>): fc.Arbitrary<Record<string, Settings>> {
  const service = fc
    .tuple(
      settings,
      fc.record({
        replicas: fc.integer({ min: 1, max: 6 }),
        port: fc.constantFrom(20, 21, 22, 80, 81),
      }),
    )
    .map(([one, other]) => ({ ...other, ...one }));
  return fc
    .array(service, { minLength: 1, maxLength: 4 })
    .map((list) => Object.fromEntries(list.map((one, index) => [String.fromCharCode(97 + index), one])));
}
