import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTopology, type Topology, TopologyError } from "../../../components/topology/index.js";
import { balancedConfigurations, configurations, machineSettings } from "./configurations.js";
import { spelledOut } from "./spelledOut.js";
import { stackFile } from "./stackFile.js";

const environment = { stack: "dev" };

/** The property holds for right configurations; the wrong ones are the table's business. */
function parseRight(config: Record<string, unknown>): Topology {
  try {
    return parseTopology(config, environment);
  } catch (error) {
    fc.pre(!(error instanceof TopologyError));
    throw error;
  }
}

function reversed(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, reversed(one)]),
  );
}

test("the order of keys means nothing", () => {
  fc.assert(
    fc.property(fc.oneof(configurations, balancedConfigurations), (config) => {
      const topology = parseRight(config);
      expect(parseRight(reversed(config) as typeof config)).toEqual(topology);
    }),
  );
});

test("a configuration with every default spelled out gives the same topology", () => {
  fc.assert(
    fc.property(fc.oneof(configurations, balancedConfigurations), (config) => {
      const topology = parseRight(config);
      expect(parseTopology(spelledOut(topology), environment)).toEqual(topology);
    }),
  );
});

test.each(["dev", "ha"])("stack %s with every default spelled out gives the same topology", (stack) => {
  const topology = parseTopology(stackFile(stack), { stack });
  expect(parseTopology(spelledOut(topology), { stack })).toEqual(topology);
});

test.each([
  { strategy: "blueGreen", hold: "1m" },
  { strategy: "canary", weights: [10, 50], check: { path: "/ready", responseTime: "300ms" } },
])("a rollout in stages with every default spelled out gives the same topology", (rollout) => {
  const config = {
    images: { debian: { manifest: "image.json" } },
    containerImages: { web: { context: "web" } },
    machines: { one: {} },
    services: { web: { image: "web", port: 80, rollout } },
    loadBalancers: { public: { service: "web" } },
  };
  const topology = parseTopology(config, environment);
  expect(parseTopology(spelledOut(topology), environment)).toEqual(topology);
});

test("a machine more changes nothing of the others", () => {
  const name = fc.stringMatching(/^n[a-z0-9]{1,8}$/);
  fc.assert(
    fc.property(configurations, name, machineSettings, (config, added, settings) => {
      fc.pre(!(added in config.machines));
      const before = parseRight(config);
      const after = parseRight({ ...config, machines: { ...config.machines, [added]: settings } });
      expect(after.machines.filter((machine) => machine.name !== added)).toEqual(before.machines);
    }),
  );
});

test("machines that differ in their number have addresses in a row, and none the same", () => {
  const names = Array.from({ length: 200 }, (_, index) => `node-${index + 1}`);
  const config = {
    images: { debian: { manifest: "image.json" } },
    machines: Object.fromEntries(names.map((name) => [name, {}])),
  };
  const { machines } = parseTopology(config, environment);
  expect(machines.map((machine) => machine.name)).toEqual(names);
  expect(new Set(machines.map((machine) => machine.address)).size).toBe(200);
  expect(new Set(machines.map((machine) => machine.macAddress)).size).toBe(200);
  for (const { address, macAddress } of machines) {
    const host = Number(/^192\.168\.130\.(\d+)$/.exec(address)?.[1]);
    expect(host).toBeGreaterThanOrEqual(16);
    expect(host).toBeLessThanOrEqual(254);
    expect(macAddress).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
  }
});

test("anything at all gives a topology or a list of mistakes, never another error", () => {
  const sections = fc.constantFrom(
    ...["hypervisors", "images", "machines", "registries", "containerImages", "services", "loadBalancers"],
  );
  const field = fc.constantFrom("network", "docker", "health", "routes", "image", "machines", "env", "port");
  const junk = fc.dictionary(fc.string(), fc.oneof(fc.dictionary(field, fc.jsonValue()), fc.jsonValue()));
  fc.assert(
    fc.property(fc.dictionary(sections, fc.oneof(junk, fc.jsonValue())), (config) => {
      try {
        parseTopology(config, environment);
      } catch (error) {
        expect(error).toBeInstanceOf(TopologyError);
      }
    }),
    { numRuns: 500 },
  );
});
