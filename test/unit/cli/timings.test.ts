import { expect, test } from "vitest";
import { lastOf, type StateResource, timingsOf } from "../../../cli/timings/timings.js";
import { timingsChart } from "../../../cli/timings/timingsChart.js";
import { timingsTable } from "../../../cli/timings/timingsTable.js";
import type { Timing } from "../../../providers/kit/index.js";

const urn = (type: string, name: string) => `urn:pulumi:dev::berth::berth:index:Site$${type}::${name}`;
const resource = (type: string, name: string, more: Partial<StateResource> = {}): StateResource => ({
  urn: urn(type, name),
  type,
  ...more,
});
const timing = (
  type: string,
  name: string,
  milliseconds: number,
  steps: Record<string, number> = {},
): Timing => ({
  urn: urn(type, name),
  what: "create",
  ended: "2026-11-25T22:00:00.000Z",
  milliseconds,
  steps: Object.entries(steps).map(([step, one]) => ({ name: step, milliseconds: one })),
});
const [domain, engine, image, pull, container, service, runtime] = [
  "berth:index:Domain",
  "berth:index:DockerEngine",
  "docker:index/image:Image",
  "docker:index/remoteImage:RemoteImage",
  "docker:index/container:Container",
  "berth:index:Service",
  "berth:index:ContainerRuntime",
] as const;

/** One service of two replicas, of which one was not made since timings are kept; the load balancer's container is none of it. */
const state: StateResource[] = [
  resource(domain, "web-2"),
  resource(domain, "web-1"),
  resource(engine, "web-1"),
  resource(runtime, "web-1"),
  resource(service, "web"),
  resource(image, "web"),
  resource(image, "web-main", { dependencies: [urn(image, "web")] }),
  resource(pull, "web-1-web", { parent: urn(runtime, "web-1"), dependencies: [urn(image, "web-main")] }),
  resource(container, "web-1", {
    parent: urn(service, "web"),
    dependencies: [urn(pull, "web-1-web"), urn(engine, "web-1")],
  }),
  resource(container, "web-2", { parent: urn(service, "web") }),
  resource(container, "public", { parent: urn("berth:index:LoadBalancer", "public") }),
  resource(container, "web-1", { delete: true, parent: urn(service, "web") }),
];
const measured = [
  timing(domain, "web-1", 9_000),
  timing(domain, "web-1", 3_000),
  { ...timing(domain, "web-1", 70_000), what: "update" as const },
  timing(engine, "web-1", 6_500, { os: 1_000, init: 2_000, run: 3_500 }),
  timing(image, "web", 4_000, { build: 4_000 }),
  timing(image, "web-main", 1_500, { build: 500, push: 1_000 }),
  timing(pull, "web-1-web", 2_500),
  timing(container, "web-1", 1_250),
];
const timings = timingsOf(state, lastOf(measured));

test("each part of a machine's and a container's time, of its last creation", () => {
  expect(timings).toEqual({
    machines: [{ machine: "web-1", os: 4_000, init: 2_000, run: 3_500 }, { machine: "web-2" }],
    containers: [
      { container: "web-1", service: "web", machine: "web-1", pack: 4_500, load: 3_500, run: 1_250 },
      { container: "web-2", service: "web" },
    ],
  });
});

test("as a table, what was not measured is a dash", () => {
  const lines = timingsTable(timings).split("\n");
  expect(lines[0]).toBe("machine  T_OS  T_init  T_run");
  expect(lines[1]).toMatch(/^web-1 +4\.0 +2\.0 +3\.5$/);
  expect(lines[2]).toMatch(/^web-2 +- +- +-$/);
  expect(lines).toContainEqual(expect.stringMatching(/^web-1 +web-1 +4\.5 +3\.5 +1\.3$/));
});

test("as a picture, each part is as long as it took", () => {
  const svg = timingsChart(timings);
  const widths = [...svg.matchAll(/height="20" fill="(#\w+)"/g)].map(([, colour]) => colour);
  expect(widths).toHaveLength(6);
  const [os, init, run] = [...svg.matchAll(/width="([\d.]+)" height="20"/g)].map(([, one]) => Number(one));
  expect(os! / init!).toBeCloseTo(2, 1);
  expect(run! / init!).toBeCloseTo(1.75, 1);
  expect(timingsChart({ machines: [], containers: [] })).toContain("</svg>");
});
