import type { BalancedService } from "./balancedServices.js";
import { parseCidr, parseIpv4 } from "./ipv4.js";
import { type Issues, type Path, show } from "./issues.js";
import { frontendKeys, type WrittenFrontend } from "./loadBalancerSchema.js";
import type { FrontendSpec, HeadersSpec, Protocol } from "./loadBalancerSpec.js";
import { naturalOrder } from "./naturalOrder.js";
import type { Item } from "./readSection.js";
import { defined } from "./references.js";
import { resolveRoutes } from "./routes.js";
import { resolveTls } from "./tls.js";
import type {} from "./topology.js";

export interface FrontendSurroundings {
  /** Where a frontend listens that does not say it. */
  readonly bind: string;
  readonly services: readonly BalancedService[];
  readonly secrets: readonly string[];
  readonly issues: Issues;
}

/** Content that is text, and so becomes smaller. */
const textTypes = [
  "application/javascript",
  "application/json",
  "application/xml",
  "image/svg+xml",
  "text/css",
  "text/html",
  "text/javascript",
  "text/plain",
];

/** A frontend, and where it stands in the configuration. */
export interface PlacedFrontend extends FrontendSpec {
  readonly at: Path;
}

/** The frontends of a load balancer: those under `frontends`, or the one that the load balancer itself describes. */
export function resolveFrontends(
  { at, value, dropped = [] }: Item<"loadBalancers">,
  surroundings: FrontendSurroundings,
): PlacedFrontend[] {
  const { issues } = surroundings;
  if (dropped.includes("frontends")) return [];
  if (value.frontends === undefined) {
    const own = Object.fromEntries(frontendKeys.map((key) => [key, value[key]])) as WrittenFrontend;
    return [resolveFrontend(undefined, own, at, surroundings)];
  }
  for (const key of frontendKeys.filter((one) => value[one] !== undefined)) {
    issues.add([...at, key], 'is of one frontend; move it to one under "frontends".');
  }
  const names = Object.keys(value.frontends).sort(naturalOrder);
  if (names.length === 0)
    issues.add([...at, "frontends"], "is empty; name at least one, such as {web: {port: 80}}.");
  const frontends = names.map((name) => {
    const where = [...at, "frontends", name];
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) || reservedNames.includes(name)) {
      issues.add(
        where,
        `is not a frontend's name; use 1 to 63 lower-case letters, digits and inner hyphens, but not ${reservedNames.map(show).join(" or ")}.`,
      );
    }
    return resolveFrontend(name, value.frontends![name]!, where, surroundings);
  });
  return frontends.map((one) => redirected(one, value.frontends![one.name]!, frontends, issues));
}

/** Berth's own. */
const reservedNames = ["stats", "vrrp"];

function resolveFrontend(
  name: string | undefined,
  value: WrittenFrontend,
  at: Path,
  { bind, services, secrets, issues }: FrontendSurroundings,
): PlacedFrontend {
  const mode = value.mode ?? protocolOf(value, services);
  const names = services.map((one) => one.name);
  const redirects = value.redirect !== undefined;
  const { routes, service } = redirects
    ? { routes: [], service: undefined }
    : resolveRoutes(value, at, mode, names, issues);
  const tls = value.tls && resolveTls(value.tls, [...at, "tls"], secrets, issues);
  if (redirects) {
    for (const key of ["routes", "service", "tls", "compress"] as const) {
      if (value[key] !== undefined)
        issues.add([...at, key], 'means nothing where every request is redirected; remove it or "redirect".');
    }
    if (name === undefined) {
      issues.add(
        [...at, "redirect"],
        'leads nowhere; it needs a frontend with "tls" beside it, under "frontends".',
      );
    }
  }
  if (mode === "tcp") checkTcp(value, at, issues);
  else checkSpeech(service, routes, services, at, issues);
  for (const [index, network] of (value.allow ?? []).entries()) {
    if (!isNetwork(network)) issues.add([...at, "allow", index], `${show(network)} is not an IPv4 network.`);
  }
  const limit = value.rateLimit;
  if (limit !== undefined && limit.requests === undefined) {
    issues.add(
      [...at, "rateLimit", "requests"],
      "missing; give how many requests a client may make a period.",
    );
  }
  return {
    at,
    name: name ?? mode,
    mode,
    bind: value.bind ?? bind,
    port: value.port ?? (value.tls === undefined ? 80 : 443),
    acceptProxy: value.acceptProxy ?? false,
    routes,
    allow: value.allow ?? [],
    requestHeaders: headersOf(value.headers?.request),
    responseHeaders: headersOf(value.headers?.response),
    compress: value.compress === true ? textTypes : value.compress || [],
    raw: value.raw ?? [],
    ...defined({
      tls,
      service,
      maxConnections: value.maxConnections,
      rateLimit:
        limit?.requests === undefined
          ? undefined
          : { requests: limit.requests, periodMs: limit.period ?? 10_000 },
    }),
  };
}

/** In mode `tcp` where all that it leads to is something else than HTTP. */
function protocolOf(value: WrittenFrontend, services: readonly BalancedService[]): Protocol {
  if (value.redirect !== undefined) return "http";
  const named = [value.service, ...(value.routes ?? []).map(({ service }) => service)];
  const used = services.filter(({ name }) => named.includes(name));
  const [first = services.length === 1 ? services[0] : undefined, ...rest] = used;
  return first?.protocol === "tcp" && rest.every(({ protocol }) => protocol === "tcp") ? "tcp" : "http";
}

function checkTcp(value: WrittenFrontend, at: Path, issues: Issues): void {
  const ofRequests = ["headers", "compress", "redirect"] as const;
  for (const key of ofRequests.filter((one) => value[one] !== undefined && value[one] !== false)) {
    issues.add(
      [...at, key],
      'is of HTTP requests, which mode "tcp" does not read; remove it, or use mode "http".',
    );
  }
  if (value.tls?.hsts !== undefined) {
    issues.add([...at, "tls", "hsts"], 'is of HTTP answers, which mode "tcp" does not read; remove it.');
  }
}

/** Whoever does not speak HTTP can't be asked in it. */
function checkSpeech(
  service: string | undefined,
  routes: FrontendSpec["routes"],
  services: readonly BalancedService[],
  at: Path,
  issues: Issues,
): void {
  const speaksTcp = (name: string | undefined) =>
    services.some((one) => one.name === name && one.protocol === "tcp");
  if (speaksTcp(service)) {
    issues.add(
      [...at, "service"],
      `service "${service}" has protocol "tcp", and this frontend mode "http"; give it a frontend in mode "tcp".`,
    );
  }
  for (const route of routes.filter((one) => speaksTcp(one.service))) {
    issues.add(
      [...at, "routes"],
      `service "${route.service}" has protocol "tcp", and this frontend mode "http"; give it a frontend in mode "tcp".`,
    );
  }
}

/** With the port that it redirects to: of the only other frontend that has TLS. */
function redirected(
  frontend: PlacedFrontend,
  value: WrittenFrontend,
  all: readonly PlacedFrontend[],
  issues: Issues,
): PlacedFrontend {
  if (value.redirect === undefined) return frontend;
  const targets = all.filter(({ tls, mode }) => tls !== undefined && mode === "http");
  if (targets.length === 1) return { ...frontend, redirectTo: targets[0]!.port };
  issues.add(
    [...frontend.at, "redirect"],
    targets.length === 0
      ? 'leads nowhere; no frontend in mode "http" has "tls".'
      : `is not clear; several frontends have "tls": ${targets.map(({ name }) => name).join(", ")}. Write it in "raw".`,
  );
  return frontend;
}

type WrittenHeaders = NonNullable<WrittenFrontend["headers"]>["request"];

export function headersOf(written: WrittenHeaders): HeadersSpec {
  return { set: written?.set ?? {}, remove: written?.remove ?? [] };
}

function isNetwork(text: string): boolean {
  const [address = "", length] = text.split("/");
  if (parseIpv4(address) === undefined) return false;
  return length === undefined || parseCidr(text) !== undefined;
}
