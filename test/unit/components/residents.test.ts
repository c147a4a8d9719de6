import { expect, test } from "vitest";
import { haproxyModel } from "../../../components/haproxy/index.js";
import { place } from "../../../components/placement/index.js";
import { residentsOf } from "../../../components/residents.js";
import { stackTopology } from "../topology/stackFile.js";

const topology = stackTopology("ha");

test("what runs in the machines is all that runs, each with the servers that the load balancers have of it", () => {
  const placement = place(topology);
  const today = Object.fromEntries(
    placement.replicas.map(({ key, machine, port }) => [key, { machine, port }]),
  );
  const residents = topology.machines.flatMap(({ name }) => residentsOf(name, topology, today));
  expect(residents.map(({ replica }) => replica).sort()).toEqual(Object.keys(today).sort());
  const servers = topology.loadBalancers.flatMap((balancer) =>
    haproxyModel(balancer, topology, placement).backends.flatMap((backend) =>
      (backend.servers ?? []).map(
        (server) => `${balancer.name}/${server.name} ${server.address}:${server.port}`,
      ),
    ),
  );
  expect(
    residents.flatMap((one) => one.servers.map((server) => `${server} ${one.address}:${one.port}`)).sort(),
  ).toEqual(servers.sort());
});

test("how many may be away is what the rollout says", () => {
  const service = { ...topology.services[0]!, replicas: 3 };
  const limit = (rollout: object | undefined) => {
    const given = {
      ...topology,
      services: [{ ...service, ...(rollout && { rollout }) }],
      loadBalancers: [],
    } as typeof topology;
    const today = { [`${service.name}-1`]: { machine: topology.machines[0]!.name, port: 80 } };
    return residentsOf(topology.machines[0]!.name, given, today)[0]!.maxUnavailable;
  };
  expect(limit(undefined)).toBeUndefined();
  expect(limit({ strategy: "rolling", maxSurge: 1, maxUnavailable: 0 })).toBe(0);
  expect(limit({ strategy: "rolling", maxSurge: 1, maxUnavailable: "50%" })).toBe(1);
  expect(limit({ strategy: "blueGreen" })).toBeUndefined();
});

test("a replica of a service that goes is not one that anybody misses", () => {
  const today = { "old-1": { machine: topology.machines[0]!.name, port: 80 } };
  expect(residentsOf(topology.machines[0]!.name, topology, today)).toEqual([]);
});
