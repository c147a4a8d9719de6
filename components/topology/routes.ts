import type { Issues, Path } from "./issues.js";
import type { WrittenFrontend } from "./loadBalancerSchema.js";
import type { Protocol, RouteSpec } from "./loadBalancerSpec.js";
import { choose, defined } from "./references.js";

/** Where a frontend's requests go. Without routes and a service of its own, they go to the only service there is. */
export function resolveRoutes(
  value: WrittenFrontend,
  at: Path,
  mode: Protocol,
  services: readonly string[],
  issues: Issues,
): { routes: RouteSpec[]; service?: string } {
  const routes: RouteSpec[] = [];
  for (const [index, written] of (value.routes ?? []).entries()) {
    const where = [...at, "routes", index];
    const path = written.path?.replace(/(?<=.)\/+$/, "");
    const host = written.host?.toLowerCase();
    const headers = Object.fromEntries(
      Object.entries(written.headers ?? {}).map(([name, one]) => [name.toLowerCase(), one]),
    );
    const bare = host === undefined && Object.keys(headers).length === 0;
    if (mode === "tcp") checkSni(written, where, issues);
    else if (path === undefined && bare) {
      issues.add(
        [...where, "path"],
        'missing; give the path that it matches, such as "/api", or a "host" or "headers".',
      );
    } else if (path === "/" && bare) {
      issues.add([...where, "path"], '"/" matches every request; name the service in "service" instead.');
    }
    const key = routeKey({ path, host, headers });
    const twin = routes.findIndex((one) => routeKey(one) === key);
    if (twin >= 0 && !(path === undefined && bare)) {
      const what = path === undefined ? (host === undefined ? "this" : `"${host}"`) : `"${path}"`;
      issues.add(
        [...where, path === undefined ? "host" : "path"],
        `${what} is routed already; remove one of the two routes.`,
      );
    }
    if (written.service === undefined) {
      issues.add([...where, "service"], "missing; name the service that answers.");
    } else {
      choose(issues, [...where, "service"], written.service, "services", services);
    }
    routes.push({
      ...defined({ path: path === "/" ? undefined : path, host }),
      headers,
      service: written.service ?? "",
    });
  }
  // The sort is stable: what is equally specific is asked in the order in which it is written.
  routes.sort(
    (one, other) =>
      hostRank(other) - hostRank(one) ||
      (other.path?.length ?? 0) - (one.path?.length ?? 0) ||
      Object.keys(other.headers).length - Object.keys(one.headers).length,
  );
  const optional = routes.length > 0 && services.length !== 1;
  const service =
    value.service === undefined && optional
      ? undefined
      : choose(issues, [...at, "service"], value.service, "services", services);
  return { routes, ...(service !== undefined && { service }) };
}

/** Before TLS ends, nothing of a request is known but the name that the client asks for. */
function checkSni(
  written: NonNullable<WrittenFrontend["routes"]>[number],
  where: Path,
  issues: Issues,
): void {
  for (const key of ["path", "headers"] as const) {
    if (written[key] !== undefined) {
      issues.add(
        [...where, key],
        'is of a request, which a frontend in mode "tcp" does not read; route by "host" (TLS\' SNI), or use mode "http".',
      );
    }
  }
  if (written.host === undefined && written.path === undefined && written.headers === undefined) {
    issues.add([...where, "host"], "missing; give the host name that TLS clients ask for (SNI).");
  }
}

function routeKey({
  path,
  host,
  headers,
}: {
  path?: string | undefined;
  host?: string | undefined;
  headers: object;
}) {
  return JSON.stringify([path ?? "/", host ?? "", Object.entries(headers).sort()]);
}

/** A whole name before the domains that it is in, the longest of them first, and those before none. */
function hostRank({ host }: RouteSpec): number {
  if (host === undefined) return -1;
  return host.startsWith("*.") ? host.length : 1000;
}
