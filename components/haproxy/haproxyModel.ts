import type { Placement } from "../placement/index.js";
import type { LoadBalancerSpec, RouteSpec, ServiceSpec, Topology } from "../topology/index.js";
import { hardenedDefaults, hardenedGlobal, httpOptions } from "./hardened.js";
import type { HaproxyAcl, HaproxyBackend, HaproxyModel, HaproxyUseBackend } from "./model.js";

/** A load balancer's configuration: one frontend, and a backend for each service that requests may go to. */
export function haproxyModel(spec: LoadBalancerSpec, topology: Topology, placement: Placement): HaproxyModel {
  const used = new Set([
    ...spec.routes.map((route) => route.service),
    ...(spec.service === undefined ? [] : [spec.service]),
  ]);
  return {
    global: hardenedGlobal(spec.maxConnections),
    defaults: hardenedDefaults(spec.maxConnections),
    frontends: [
      {
        name: "http",
        binds: [{ address: spec.bind, port: spec.port }],
        options: httpOptions,
        acls: spec.routes.flatMap(acls),
        useBackends: spec.routes.map(
          (route): HaproxyUseBackend => ({ backend: route.service, acls: [aclName(route)] }),
        ),
        ...(spec.service !== undefined && { defaultBackend: spec.service }),
      },
    ],
    backends: topology.services
      .filter((service) => used.has(service.name))
      .map((service) => backend(service, spec, placement)),
  };
}

/** The path itself, and all below it; `/apis` is not below `/api`. */
function acls(route: RouteSpec): HaproxyAcl[] {
  const name = aclName(route);
  return [
    { name, criterion: ["path"], values: [route.path] },
    { name, criterion: ["path_beg"], values: [`${route.path}/`] },
  ];
}

/** `/api/v2` as `path:api:v2`; other characters in hexadecimal, so that no two paths share a name. */
function aclName({ path }: RouteSpec): string {
  const name = path.replace(/[^A-Za-z0-9.-]/g, (character) =>
    character === "/" ? ":" : `_${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `path${name}`;
}

function backend(service: ServiceSpec, spec: LoadBalancerSpec, placement: Placement): HaproxyBackend {
  const { path, status, intervalMs, timeoutMs, rise, fall } = service.health;
  return {
    name: service.name,
    balance: [spec.balance],
    check: { method: "GET", path, host: service.name, status, timeoutMs },
    servers: placement.replicas
      .filter((replica) => replica.service === service.name)
      .map(({ key, address, port }) => ({ name: key, address, port, check: { intervalMs, rise, fall } })),
  };
}
