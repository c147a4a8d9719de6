/**
 * What `Site` does with services and load balancers, on machines that are addresses of one test's Docker: real containers, a real
 * HAProxy, and no guests to boot. `spec.json` holds the topology, and the certificate of whatever has one.
 */
export const program = `
import { LoadBalancer, Service, strategyOf } from "@berth/components";
import { haproxyModel, renderHaproxy, secretFiles, serverName, serversOf } from "@berth/components/haproxy";
import { place } from "@berth/components/placement";
import { parseTopology } from "@berth/components/topology";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { placementInForce } from "./placementInForce.js";

const spec = JSON.parse(readFileSync("spec.json", "utf8"));
const topology = parseTopology(spec.topology, { stack: "dev", dockerHost: spec.host });
const { seats, held } = await placementInForce();
const placement = place(topology, seats, {}, held);
const provider = new docker.Provider("engine", { host: spec.host });
const runtimes = Object.fromEntries(topology.machines.map(({ name, address }) => [name, {
  machine: { name, address },
  target: { host: spec.host },
  pull: () => ({ imageId: pulumi.output(spec.image) }),
  resident: (parent) => ({ parent, provider }),
}]));
const labels = (name) => ({ "berth.loadBalancer": name, "berth.stack": pulumi.getStack() });
const withPorts = (ports) => ({ ...placement, replicas: placement.replicas.map((one) => ({ ...one, port: ports[one.key] ?? one.port })) });
const services = topology.services.map((service) => {
  const placed = placement.replicas.filter((one) => one.service === service.name);
  const balancers = (ports) => topology.loadBalancers.flatMap((balancer) => {
    const settled = withPorts(ports);
    const names = Object.fromEntries(placed.map(({ key }) => [key, serverName(key, ports[key])]));
    const config = renderHaproxy(haproxyModel(balancer, topology, settled));
    return Object.entries(serversOf(config, names)).map(([backend, servers]) =>
      ({ docker: { host: spec.host }, labels: labels(balancer.name), backend, servers }));
  });
  return new Service(service.name, {
    image: spec.image,
    port: service.port,
    replicas: Object.fromEntries(placed.map(({ key, machine, port, nextPort }) => {
      const seat = seats[key];
      const stays = seat?.machine === machine && seat.port === port;
      return [key, { runtime: runtimes[machine], port, ...(stays && { running: { ...seat, nextPort } }) }];
    })),
    command: service.command,
    env: service.env,
    revisionKey: pulumi.secret("key"),
    stopGraceSeconds: 5,
    ...(service.rollout && { rollout: { strategy: strategyOf(service.rollout), balancers } }),
  });
});
const ports = pulumi.all(Object.fromEntries(services.flatMap(({ endpoints }) => endpoints.map(({ replica, port }) => [replica, port]))));
for (const balancer of topology.loadBalancers) {
  new LoadBalancer(balancer.name, {
    hypervisor: { docker: provider, dockerHost: spec.host, nodes: { network: provider } },
    image: spec.haproxy,
    model: ports.apply((known) => haproxyModel(balancer, topology, withPorts(known))),
    url: "http://" + balancer.frontends[0].bind + ":" + balancer.frontends[0].port + "/",
    secretFiles: Object.fromEntries(secretFiles(balancer).map(({ file }) => [file, pulumi.secret(spec.certificate)])),
    after: services,
    transform: {
      container: { entrypoints: ["/usr/sbin/haproxy", "-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"], envs: ["PATH=/usr/sbin:/usr/bin:/bin"] },
    },
  });
}
export const replicas = ports;
`;
