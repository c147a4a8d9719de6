import type { ImageSource } from "./topology.js";

/** A load balancer: where HAProxy runs, what it listens on, and how it treats the services behind. */
export interface LoadBalancerSpec {
  readonly name: string;
  readonly hypervisor: string;
  /** The machines that it runs on, in natural order; none: the hypervisor's own Docker engine. */
  readonly machines: readonly string[];
  /** One address for all of the machines; none: it runs on one. */
  readonly virtualAddress?: VirtualAddressSpec;
  /** Frontends in natural order of their names. */
  readonly frontends: readonly FrontendSpec[];
  /** How the services behind are balanced, in natural order of their names: every one that a frontend uses. */
  readonly backends: readonly BackendSpec[];
  readonly timeouts: TimeoutsSpec;
  /** Times a connection to a server is tried again. */
  readonly retries: number;
  /** Connections at once, over all frontends. */
  readonly maxConnections: number;
  readonly log: LogSpec;
  /** Figures for people and for Prometheus, behind a password; none: no such page. */
  readonly stats?: StatsSpec;
  readonly raw: RawSpec;
  /** What runs HAProxy; none: Berth's own image. */
  readonly image?: ImageSource;
}

/** An address that one of several machines has at a time (VRRP). */
export interface VirtualAddressSpec {
  /** IPv4 address in the hypervisor's network. */
  readonly address: string;
  /** VRRP's number of the group, 1 to 255, unique in the network. */
  readonly routerId: number;
  /** Between two signs of life of the active machine; after three without one, another takes over. */
  readonly intervalMs: number;
}

export interface FrontendSpec {
  readonly name: string;
  /** `http`: requests are read; `tcp`: bytes are passed on. */
  readonly mode: Protocol;
  /** IPv4 address to listen on. */
  readonly bind: string;
  readonly port: number;
  /** Clients are proxies that say first whom they speak for (PROXY protocol). */
  readonly acceptProxy: boolean;
  readonly tls?: TlsSpec;
  /** TCP port of the frontend with TLS that every request is redirected to; none: requests are answered. */
  readonly redirectTo?: number;
  /** The most specific first, so that the first match is the right one. */
  readonly routes: readonly RouteSpec[];
  /** Where requests go that no route matches; none: 503. */
  readonly service?: string;
  /** IPv4 networks or addresses that may connect; none: all. */
  readonly allow: readonly string[];
  readonly rateLimit?: RateLimitSpec;
  readonly requestHeaders: HeadersSpec;
  readonly responseHeaders: HeadersSpec;
  /** Media types whose answers are compressed with gzip; none: nothing is. */
  readonly compress: readonly string[];
  /** Connections at once here; none: the load balancer's. */
  readonly maxConnections?: number;
  /** Lines of HAProxy's own language, before the choice of a backend. */
  readonly raw: readonly string[];
}

export type Protocol = "http" | "tcp";

/** A request goes to the service where all that is given matches. In mode `tcp`, only `host` can be, by TLS' SNI. */
export interface RouteSpec {
  /** Matches the path itself and everything below it. */
  readonly path?: string;
  /** Host name in lower case, or `*.` and a domain for all below it. */
  readonly host?: string;
  /** Request headers and their whole values. */
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
}

export interface TlsSpec {
  /** The first one is for clients that ask for none of the names. */
  readonly certificates: readonly CertificateSpec[];
  readonly minVersion: "1.2" | "1.3";
  /** HTTP/2 is offered beside HTTP/1.1. */
  readonly http2: boolean;
  /** Name under `berth:secrets` of the PEM of the authorities that clients' certificates must be signed by; none: clients need none. */
  readonly clientCa?: string;
  /** For how long browsers are told to come back by HTTPS only (Strict-Transport-Security), in seconds; none: they are not. */
  readonly hstsSeconds?: number;
}

/** One of the operator's own, by names under `berth:secrets`, or one that Berth issues for host names. */
export type CertificateSpec =
  | {
      readonly kind: "secret";
      /** PEM: the certificate and its chain; the key too, where `key` is none. */
      readonly certificate: string;
      readonly key?: string;
    }
  | { readonly kind: "issued"; readonly hosts: readonly string[] };

/** Most requests (in mode `tcp`: connections) of one client address. */
export interface RateLimitSpec {
  readonly requests: number;
  readonly periodMs: number;
}

export interface HeadersSpec {
  /** Header to value, in place of any that is there. */
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

export interface BackendSpec {
  /** The service's name. */
  readonly service: string;
  readonly balance: string;
  /** For algorithms by hash: `consistent` moves few clients when servers come and go; `map-based` spreads more evenly. */
  readonly hashType?: "consistent" | "map-based";
  /** Replica number → its share of the traffic, 0 to 256; 1 where none is given. */
  readonly weights: Readonly<Record<string, number>>;
  /** How long the weight of a server that comes up grows to its own; none: at once. */
  readonly slowStartMs?: number;
  /** Name of a cookie that keeps a client at its server; none: each request may go anywhere. */
  readonly stickyCookie?: string;
  /** Requests at once on one server; more wait in the queue. None: no limit. */
  readonly maxConnections?: number;
  /** How long a server may be silent; none: the load balancer's. */
  readonly serverTimeoutMs?: number;
  readonly requestHeaders: HeadersSpec;
  readonly responseHeaders: HeadersSpec;
  /** Lines of HAProxy's own language, before the servers. */
  readonly raw: readonly string[];
  /** More parameters of each `server` line, one word each. */
  readonly serverOptions: readonly string[];
}

export interface TimeoutsSpec {
  readonly connectMs: number;
  readonly clientMs: number;
  readonly serverMs: number;
  /** Until a request's headers are complete. */
  readonly requestMs: number;
  /** Idle between two requests of a client. */
  readonly keepAliveMs: number;
  /** In the queue for a server. */
  readonly queueMs: number;
  /** Silence of both sides once a connection is a tunnel, such as a WebSocket. */
  readonly tunnelMs: number;
}

export interface LogSpec {
  /** Which requests are logged. */
  readonly requests: "all" | "errors" | "none";
  /** HAProxy's own, or a JSON object a line. */
  readonly format: "text" | "json";
  /** `stdout`, the container's log, or a syslog server's `address:port` (UDP). */
  readonly targets: readonly string[];
}

export interface StatsSpec {
  readonly bind: string;
  readonly port: number;
  readonly user: string;
  /** Name under `berth:secrets`. */
  readonly password: string;
}

/** Lines of HAProxy's own language; HAProxy checks them with the rest. */
export interface RawSpec {
  readonly global: readonly string[];
  readonly defaults: readonly string[];
  /** Whole sections of other kinds, by title, such as `cache small`. */
  readonly sections: Readonly<Record<string, readonly string[]>>;
}
