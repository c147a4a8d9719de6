import type { BalancedService } from "./balancedServices.js";
import { headersOf } from "./frontends.js";
import { type Issues, type Path, show } from "./issues.js";
import type { WrittenBackend } from "./loadBalancerSchema.js";
import type { BackendSpec, FrontendSpec } from "./loadBalancerSpec.js";
import { nearest } from "./nearest.js";
import type { Item } from "./readSection.js";
import { defined } from "./references.js";
import type {} from "./topology.js";

/** Algorithms that choose a server by hash. */
const hashed = /^(source|uri|hdr\(|url_param\()/;

/** How each service that the frontends use is balanced. */
export function resolveBackends(
  { at, value, dropped = [] }: Item<"loadBalancers">,
  frontends: readonly FrontendSpec[],
  services: readonly BalancedService[],
  issues: Issues,
): BackendSpec[] {
  const used = new Set(frontends.flatMap(servicesOf));
  const written = value.backends ?? {};
  for (const name of Object.keys(written).filter((one) => !used.has(one))) {
    if (dropped.includes("frontends")) break;
    const close = nearest(name, [...used]);
    const fix =
      close === undefined
        ? `it uses ${[...used].map(show).join(", ") || "none"}.`
        : `did you mean ${show(close)}?`;
    issues.add([...at, "backends", name], `is no service that this load balancer sends requests to; ${fix}`);
  }
  return services
    .filter(({ name }) => used.has(name))
    .map((service) => {
      const one = written[service.name] ?? {};
      const where = [...at, "backends", service.name];
      const http = frontends.every(
        (frontend) => frontend.mode === "http" || !servicesOf(frontend).includes(service.name),
      );
      const balance = one.balance ?? value.balance ?? "roundrobin";
      if (one.hashType !== undefined && !hashed.test(balance)) {
        issues.add([...where, "hashType"], `is for algorithms by hash, and this is "${balance}"; remove it.`);
      }
      if (!http) checkTcp(one, balance, where, issues);
      checkWeights(one, service, where, issues);
      if (one.sticky !== undefined && one.sticky.cookie === undefined) {
        issues.add([...where, "sticky", "cookie"], 'missing; give the name of the cookie, such as "SERVER".');
      }
      return {
        service: service.name,
        balance,
        weights: one.weights ?? {},
        requestHeaders: headersOf(one.headers?.request),
        responseHeaders: headersOf(one.headers?.response),
        raw: one.raw ?? [],
        serverOptions: one.serverOptions ?? [],
        ...defined({
          // Servers can then come and go while HAProxy runs, and few clients change theirs.
          hashType: hashed.test(balance) ? (one.hashType ?? ("consistent" as const)) : undefined,
          slowStartMs: one.slowStart,
          stickyCookie: one.sticky?.cookie,
          maxConnections: one.maxConnections,
          serverTimeoutMs: one.timeout,
        }),
      };
    });
}

/** The services that a frontend may send requests to. */
function servicesOf({ service, routes }: FrontendSpec): string[] {
  return [...(service === undefined ? [] : [service]), ...routes.map((route) => route.service)];
}

function checkTcp(one: WrittenBackend, balance: string, where: Path, issues: Issues): void {
  for (const key of ["sticky", "headers"] as const) {
    if (one[key] !== undefined)
      issues.add([...where, key], 'is of HTTP, and a frontend in mode "tcp" leads here; remove it.');
  }
  if (/^(uri|hdr|url_param)/.test(balance)) {
    issues.add(
      [...where, "balance"],
      `"${balance}" looks at HTTP requests, and a frontend in mode "tcp" leads here; use another, such as "source".`,
    );
  }
}

function checkWeights(
  { weights = {} }: WrittenBackend,
  { replicas }: BalancedService,
  where: Path,
  issues: Issues,
): void {
  const numbers = Object.keys(weights);
  for (const number of numbers.filter((one) => Number(one) > replicas)) {
    issues.add(
      [...where, "weights", number],
      `there is no replica ${number}; the service has ${replicas}. Remove it, or raise "replicas".`,
    );
  }
  if (numbers.length >= replicas && Object.values(weights).every((weight) => weight === 0)) {
    issues.add([...where, "weights"], "are all 0, so that no replica would get a request; raise one.");
  }
}
