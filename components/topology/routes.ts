import type { Issues } from "./issues.js";
import type { Item } from "./readSection.js";
import { choose } from "./references.js";
import type { LoadBalancerSpec, RouteSpec, ServiceSpec } from "./topology.js";

/** Where a load balancer's requests go. Without routes and a service of its own, they go to the only service there is. */
export function resolveRoutes(
  { at, value }: Item<"loadBalancers">,
  services: readonly ServiceSpec[],
  issues: Issues,
): Pick<LoadBalancerSpec, "routes" | "service"> {
  const known = services.map((one) => one.name);
  const routes: RouteSpec[] = [];
  for (const [index, route] of (value.routes ?? []).entries()) {
    const where = [...at, "routes", index];
    const path = route.path?.replace(/(?<=.)\/+$/, "");
    if (path === undefined) {
      issues.add([...where, "path"], 'missing; give the path that it matches, such as "/api".');
    } else if (path === "/") {
      issues.add([...where, "path"], '"/" matches every request; name the service in "service" instead.');
    } else if (routes.some((one) => one.path === path)) {
      issues.add([...where, "path"], `"${path}" is routed already; remove one of the two routes.`);
    }
    if (route.service === undefined) {
      issues.add([...where, "service"], "missing; name the service that answers.");
    } else {
      choose(issues, [...where, "service"], route.service, "services", known);
    }
    routes.push({ path: path ?? "", service: route.service ?? "" });
  }
  // Among paths of one length the order means nothing: no request matches two of them.
  routes.sort((one, other) => other.path.length - one.path.length || (one.path < other.path ? -1 : 1));
  const optional = routes.length > 0 && known.length !== 1;
  const service =
    value.service === undefined && optional
      ? undefined
      : choose(issues, [...at, "service"], value.service, "services", known);
  return { routes, ...(service !== undefined && { service }) };
}
