import { expect, test } from "vitest";
import { balancersOf, runsInMachines } from "../../../cli/balancers.js";
import { parseTopology } from "../../../components/topology/index.js";

const project = { dir: "/checkout", home: "/checkout/.berth", cache: "/cache" };
const topology = (loadBalancer: object) =>
  parseTopology(
    {
      images: { debian: { manifest: "image.json" } },
      machines: { a: { address: "192.168.130.50" }, b: { address: "192.168.130.51" } },
      containerImages: { web: { context: "web" } },
      services: { web: { image: "web", port: 80 } },
      loadBalancers: { public: { service: "web", ...loadBalancer } },
    },
    { stack: "dev", dockerHost: "unix:///lab/docker.sock" },
  );
const labels = { "berth.loadBalancer": "public", "berth.stack": "dev" };

test("a load balancer on the hypervisor is reached by its engine", () => {
  const found = topology({});
  expect(runsInMachines(found)).toBe(false);
  expect(balancersOf(project, found)).toEqual([{ docker: { host: "unix:///lab/docker.sock" }, labels }]);
});

test("those in machines are reached over SSH, with the machine's pinned key", () => {
  const found = topology({ machines: ["a", "b"], virtualAddress: { address: "192.168.130.60" } });
  expect(runsInMachines(found)).toBe(true);
  const targets = balancersOf(project, found);
  expect(targets.map(({ docker }) => docker.host)).toEqual([
    "ssh://berth@192.168.130.50",
    "ssh://berth@192.168.130.51",
  ]);
  expect(targets[1]).toEqual({
    docker: {
      host: "ssh://berth@192.168.130.51",
      sshOpts: [
        "-i",
        "/checkout/.berth/ssh/dev/b.key",
        "-o",
        "UserKnownHostsFile=/checkout/.berth/ssh/dev/b.known_hosts",
        "-o",
        "StrictHostKeyChecking=yes",
      ],
    },
    labels,
  });
});
