import type { FrontendSpec, LoadBalancerSpec, TlsSpec, Topology } from "../topology/index.js";
import { balancedServices, formatDuration } from "../topology/index.js";
import { httpOptions, tcpOptions } from "./hardened.js";
import { headerRules } from "./headerRules.js";
import { jsonLog } from "./jsonLog.js";
import type { HaproxyAcl, HaproxyBindTls, HaproxyFrontend, HaproxyRule, HaproxyUseBackend } from "./model.js";
import { routeAcls } from "./routeAcls.js";
import { certificateFile, clientCaFile, secretPath } from "./secretFiles.js";
import { backendName } from "./targets.js";

/** Client addresses that a rate limit remembers: 100,000 take about 10 MB. */
const tableSize = 100_000;
/** How long a TLS client may take for its first message. */
const helloWaitMs = 5_000;

export function frontendModel(
  spec: FrontendSpec,
  { log, virtualAddress }: LoadBalancerSpec,
  topology: Topology,
): HaproxyFrontend {
  const services = balancedServices(topology);
  const { mode, tls, rateLimit, compress, maxConnections, redirectTo, routes } = spec;
  const http = mode === "http";
  const conditions = routes.map((route) => routeAcls(route, mode));
  const target = (name: string) => backendName(services.find((one) => one.name === name)!, mode);
  const json = log.format === "json";
  const logFormat = log.requests === "none" ? (false as const) : json ? jsonLog(mode) : undefined;
  // A format of its own, or none, takes the place of these.
  const replaced = logFormat === undefined ? [] : ["httplog", "tcplog"];
  const readsHello = !http && routes.length > 0 && tls === undefined;
  const connectionRules = [...allowRules(spec), ...(http ? [] : limitRules(spec))];
  const requestRules = http ? requestRulesOf(spec) : [];
  const responseRules = http ? responseRulesOf(spec) : [];
  const acls = [...accessAcls(spec), ...unique(conditions.flat())];
  return {
    name: spec.name,
    ...(!http && { mode }),
    binds: [
      {
        address: spec.bind,
        port: spec.port,
        ...(tls && { tls: bindTls(tls, http) }),
        ...(spec.acceptProxy && { parameters: ["accept-proxy"] }),
        // Another machine may have it now.
        ...(spec.bind === virtualAddress?.address && { transparent: true }),
      },
    ],
    options: (http ? httpOptions : tcpOptions).filter((option) => !replaced.includes(option)),
    ...(logFormat !== undefined && { logFormat }),
    ...(maxConnections !== undefined && { maxConnections }),
    ...(rateLimit && {
      stickTable: {
        type: "ip" as const,
        size: tableSize,
        expireMs: 2 * rateLimit.periodMs,
        store: [`${rateName(spec)}(${formatDuration(rateLimit.periodMs)})`],
      },
    }),
    ...(compress.length > 0 && { compression: { algorithm: "gzip" as const, types: compress } }),
    ...(acls.length > 0 && { acls }),
    ...(connectionRules.length > 0 && { connectionRules }),
    ...(readsHello && {
      content: { waitMs: helloWaitMs, rules: [{ do: "accept" as const, if: ["tls:hello"] }] },
    }),
    ...(requestRules.length > 0 && { requestRules }),
    ...(responseRules.length > 0 && { responseRules }),
    ...(spec.raw.length > 0 && { raw: spec.raw }),
    ...(redirectTo === undefined && {
      useBackends: routes.map(
        (route, index): HaproxyUseBackend => ({
          backend: target(route.service),
          acls: [...new Set(conditions[index]!.map(({ name }) => name))],
        }),
      ),
      ...(spec.service !== undefined && { defaultBackend: target(spec.service) }),
    }),
  };
}

function bindTls({ certificates, minVersion, http2, clientCa }: TlsSpec, http: boolean): HaproxyBindTls {
  return {
    certificates: certificates.map((one) => secretPath(certificateFile(one))),
    alpn: http ? (http2 ? ["h2", "http/1.1"] : ["http/1.1"]) : [],
    ...(minVersion !== "1.2" && { minVersion: "TLSv1.3" as const }),
    ...(clientCa !== undefined && { clientCa: secretPath(clientCaFile(clientCa)) }),
  };
}

/** What the rules below ask for. */
function accessAcls({ mode, allow, rateLimit, routes, tls }: FrontendSpec): HaproxyAcl[] {
  const acls: HaproxyAcl[] = [];
  if (allow.length > 0) acls.push({ name: "allowed", criterion: ["src"], values: allow });
  if (rateLimit) {
    const rate = mode === "http" ? "sc_http_req_rate(0)" : "sc_conn_rate(0)";
    acls.push({ name: "too-many", criterion: [rate], values: ["gt", String(rateLimit.requests)] });
  }
  if (mode === "tcp" && routes.length > 0 && tls === undefined) {
    acls.push({ name: "tls:hello", criterion: ["req.ssl_hello_type"], values: ["1"] });
  }
  return acls;
}

function allowRules({ allow }: FrontendSpec): HaproxyRule[] {
  return allow.length > 0 ? [{ do: "reject", unless: ["allowed"] }] : [];
}

function limitRules({ mode, rateLimit }: FrontendSpec): HaproxyRule[] {
  if (!rateLimit) return [];
  const tooMany = ["too-many"];
  return [
    { do: "track", counter: 0, key: "src" },
    mode === "http" ? { do: "deny", status: 429, if: tooMany } : { do: "reject", if: tooMany },
  ];
}

function rateName({ mode }: FrontendSpec): string {
  return mode === "http" ? "http_req_rate" : "conn_rate";
}

function requestRulesOf(spec: FrontendSpec): HaproxyRule[] {
  const { redirectTo, tls } = spec;
  const limits = limitRules(spec);
  if (redirectTo !== undefined) {
    const port = redirectTo === 443 ? "" : `:${redirectTo}`;
    // 308 keeps the method and the body, as 301 does not.
    const location = { format: `https://%[req.hdr(host),host_only]${port}%[pathq]` };
    return [...limits, { do: "redirect", location, code: 308 }];
  }
  // What a client says of itself must not be believed.
  const scheme: HaproxyRule[] = tls ? [{ do: "setHeader", header: "X-Forwarded-Proto", value: "https" }] : [];
  return [...limits, ...scheme, ...headerRules(spec.requestHeaders)];
}

function responseRulesOf({ tls, responseHeaders }: FrontendSpec): HaproxyRule[] {
  const seconds = tls?.hstsSeconds;
  const hsts: HaproxyRule[] =
    seconds === undefined
      ? []
      : [{ do: "setHeader", header: "Strict-Transport-Security", value: `max-age=${seconds}` }];
  return [...hsts, ...headerRules(responseHeaders)];
}

/** Of routes that share a condition, one line each. */
function unique(acls: readonly HaproxyAcl[]): HaproxyAcl[] {
  return [...new Map(acls.map((acl) => [JSON.stringify(acl), acl])).values()];
}
