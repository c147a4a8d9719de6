import { expect, test } from "vitest";
import {
  type Assignment,
  type Problem,
  type ServiceRequest,
  verify,
} from "../../../components/placement/index.js";

const gib = 2 ** 30;
const problem = (...services: (Partial<ServiceRequest> & { name: string })[]): Problem => ({
  machines: [
    {
      name: "a",
      zone: "x",
      capacity: { cpus: 1, memoryBytes: 2 * gib, diskBytes: gib },
      reserved: { memoryBytes: gib },
    },
    {
      name: "b",
      zone: "x",
      capacity: { cpus: 1, memoryBytes: 2 * gib, diskBytes: gib },
      taints: ["gpu"],
      ports: [22],
    },
    {
      name: "c",
      zone: "y",
      capacity: { cpus: 1, memoryBytes: 2 * gib, diskBytes: gib },
      labels: { disk: "ssd" },
      runs: "machine",
    },
  ],
  services: services.map((one) => ({ replicas: 1, tolerates: ["gpu"], ...one })),
});

test.each<[string, Problem, Assignment, string[]]>([
  ["nothing wrong", problem({ name: "s", replicas: 2 }), { "s-1": "a", "s-2": "a" }, []],
  [
    "more than is free",
    problem({ name: "s", requests: { memoryBytes: 1.5 * gib } }),
    { "s-1": "a" },
    ["a: over its memoryBytes"],
  ],
  [
    "sums of fractions that are exact",
    problem({ name: "s", replicas: 10, requests: { cpus: 0.1 } }),
    Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`s-${i + 1}`, "a"])),
    [],
  ],
  [
    "a limit above the machine",
    problem({ name: "s", limits: { cpus: 2 } }),
    { "s-1": "a" },
    ["s-1 on a: its cpus limit is above the machine's"],
  ],
  [
    "a machine that it may not use",
    problem({ name: "s", machines: ["b"] }),
    { "s-1": "a" },
    ["s-1 on a: not one of its machines"],
  ],
  ["a taint", problem({ name: "s", tolerates: [] }), { "s-1": "b" }, ["s-1 on b: does not tolerate gpu"]],
  ["another form", problem({ name: "s" }), { "s-1": "c" }, ["s-1 on c: runs another form"]],
  ["a pin", problem({ name: "s", pins: { 1: "a" } }), { "s-1": "b" }, ["s-1 on b: pinned to a"]],
  [
    "data",
    { ...problem({ name: "s", volume: true }), today: { "s-1": "a" } },
    { "s-1": "b" },
    ["s-1 on b: its volume is on a"],
  ],
  [
    "spread by machine",
    problem({ name: "s", replicas: 2, spread: "machine" }),
    { "s-1": "a", "s-2": "a" },
    ["s-1 and s-2: both in machine of a"],
  ],
  [
    "spread by zone",
    problem({ name: "s", replicas: 2, spread: "zone" }),
    { "s-1": "a", "s-2": "b" },
    ["s-1 and s-2: both in zone of a"],
  ],
  [
    "a port twice",
    problem({ name: "s", ports: [80] }, { name: "t", ports: [80] }),
    { "s-1": "a", "t-1": "a" },
    ["a: port 80 is taken twice"],
  ],
  [
    "a port that is taken",
    problem({ name: "s", ports: [22] }),
    { "s-1": "b" },
    ["b: port 22 is taken twice"],
  ],
  [
    "far from what it must be near to",
    problem({ name: "s", rules: [{ want: "near", of: { service: "t" } }] }, { name: "t" }),
    { "s-1": "a", "t-1": "b" },
    ['s-1 on a: must be near {"service":"t"}'],
  ],
  [
    "near enough by zone",
    problem({ name: "s", rules: [{ want: "near", of: { service: "t" }, within: "zone" }] }, { name: "t" }),
    { "s-1": "a", "t-1": "b" },
    [],
  ],
  [
    "beside what it must be apart from",
    problem({ name: "s", rules: [{ want: "apart", of: { service: "t" } }] }, { name: "t" }),
    { "s-1": "a", "t-1": "a" },
    ['s-1 on a: must be apart {"service":"t"}'],
  ],
  [
    "a label that is not there",
    problem({ name: "s", rules: [{ want: "near", of: { label: "disk", value: "ssd" } }] }),
    { "s-1": "a" },
    ['s-1 on a: must be near {"label":"disk","value":"ssd"}'],
  ],
  [
    "a preferred rule that is not met",
    problem({ name: "s", rules: [{ want: "near", of: { zone: "y" }, weight: 1 }] }),
    { "s-1": "a" },
    [],
  ],
  [
    "a torn group",
    problem({ name: "s", group: "g" }, { name: "t", group: "g" }),
    { "s-1": "a", "t-1": "b" },
    ["group g: replica 1 is not on one machine"],
  ],
  [
    "half a group",
    problem({ name: "s", group: "g" }, { name: "t", group: "g" }),
    { "s-1": "a" },
    ["group g: replica 1 is not on one machine"],
  ],
  [
    "what is not there",
    problem({ name: "s" }),
    { "s-2": "a", "s-1": "z" },
    ["s-2: there is no such replica", "s-1: there is no machine z"],
  ],
])("the verifier sees %s", (_, given, assignment, violations) => {
  expect(verify(given, assignment)).toEqual(violations);
});
