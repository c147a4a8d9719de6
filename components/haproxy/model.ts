/**
 * A configuration of HAProxy (2.6 or later) as data. Durations are in milliseconds.
 * `renderHaproxy` turns it into text; `raw` lines go into their section as they are, one directive each.
 */
export interface HaproxyModel {
  readonly global: HaproxyGlobal;
  readonly defaults: HaproxyDefaults;
  readonly frontends: readonly HaproxyFrontend[];
  readonly backends: readonly HaproxyBackend[];
  /** Sections of other kinds, such as `cache small` or `peers lan`, by title. */
  readonly sections?: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

export interface HaproxyGlobal {
  /** Connections at once, over all frontends. */
  readonly maxConnections: number;
  /** Log target, or several, such as `stdout format raw local0`. */
  readonly log?: string | readonly string[];
  /** Empty folder that the workers are locked into. */
  readonly chroot?: string;
  /** Numeric user that the workers run as; numbers need no passwd file in the image. */
  readonly uid?: number;
  readonly gid?: number;
  /** The Runtime API: a Unix socket for its owner only (mode 600, level admin), which hands listeners over at a reload. */
  readonly runtimeSocket?: string;
  /** How long an old worker may live after a reload. */
  readonly hardStopAfterMs: number;
  /** What all binds with TLS offer. */
  readonly tls?: HaproxyTlsDefaults;
  readonly raw?: readonly string[];
}

export interface HaproxyTlsDefaults {
  readonly minVersion: HaproxyTlsVersion;
  /** Up to TLS 1.2, by OpenSSL's names. */
  readonly ciphers: readonly string[];
  /** TLS 1.3. */
  readonly cipherSuites: readonly string[];
}

export type HaproxyTlsVersion = "TLSv1.2" | "TLSv1.3";

export interface HaproxyDefaults {
  readonly mode: "http" | "tcp";
  /** Sections log where `global` says. */
  readonly log?: boolean;
  /** Connections at once of one frontend. */
  readonly maxConnections?: number;
  readonly timeouts: HaproxyTimeouts;
  /** Times a connection to a server is tried again. */
  readonly retries: number;
  /** `options` as HAProxy names them, such as `dontlognull`. */
  readonly options: readonly string[];
  /** Sharing of idle server connections between clients. */
  readonly httpReuse?: "never" | "safe" | "aggressive" | "always";
  readonly raw?: readonly string[];
}

export interface HaproxyTimeouts {
  readonly connectMs: number;
  readonly clientMs: number;
  readonly serverMs: number;
  /** Until a request's headers are complete. */
  readonly httpRequestMs: number;
  /** Idle between two requests of a client. */
  readonly httpKeepAliveMs: number;
  /** In the queue for a server. */
  readonly queueMs: number;
  /** Silence of both sides of a tunnel, such as a WebSocket; none: the shorter of client and server. */
  readonly tunnelMs?: number;
}

export interface HaproxyFrontend {
  readonly name: string;
  /** None: that of `defaults`. */
  readonly mode?: "http" | "tcp";
  readonly binds: readonly HaproxyBind[];
  /** Options on top of those of `defaults`. */
  readonly options?: readonly string[];
  /** Connections at once; none: those of `defaults`. */
  readonly maxConnections?: number;
  /** Its own format of log lines, in HAProxy's log format; none: that of its options. `false`: its requests are not logged. */
  readonly logFormat?: string | false;
  readonly stickTable?: HaproxyStickTable;
  readonly compression?: HaproxyCompression;
  readonly acls?: readonly HaproxyAcl[];
  /** For each connection, before anything is read. */
  readonly connectionRules?: readonly HaproxyRule[];
  /** For what a connection of mode `tcp` begins with, such as TLS' first message, for which it is waited so long. */
  readonly content?: { readonly waitMs: number; readonly rules: readonly HaproxyRule[] };
  readonly requestRules?: readonly HaproxyRule[];
  readonly responseRules?: readonly HaproxyRule[];
  readonly stats?: HaproxyStats;
  /** Path that HAProxy itself answers with 200 while it works. */
  readonly monitorPath?: string;
  /** In order: the first that matches wins. */
  readonly useBackends?: readonly HaproxyUseBackend[];
  readonly defaultBackend?: string;
  readonly raw?: readonly string[];
}

export interface HaproxyBind {
  /** IPv4 address, or `*`. */
  readonly address: string;
  readonly port: number;
  readonly tls?: HaproxyBindTls;
  /** The address need not be the machine's own (yet), as a virtual address that another one has. */
  readonly transparent?: boolean;
  /** More parameters, such as `name` and one; each is one word. */
  readonly parameters?: readonly string[];
}

export interface HaproxyBindTls {
  /** Paths of PEM files with a certificate, its chain and its key; the first is for clients that ask for no name. */
  readonly certificates: readonly string[];
  /** Protocols above TLS, the preferred one first, such as `h2`. */
  readonly alpn: readonly string[];
  /** None: that of `global`. */
  readonly minVersion?: HaproxyTlsVersion;
  /** Path of the PEM of authorities that clients' certificates must be signed by; none: clients need none. */
  readonly clientCa?: string;
}

/** Counters by client address. */
export interface HaproxyStickTable {
  readonly type: "ip" | "ipv6" | "integer";
  /** Entries; the oldest goes when it is full. */
  readonly size: number;
  readonly expireMs: number;
  /** Such as `http_req_rate(10s)`. */
  readonly store: readonly string[];
}

export interface HaproxyCompression {
  readonly algorithm: "gzip" | "deflate" | "raw-deflate";
  /** Media types. */
  readonly types: readonly string[];
}

export interface HaproxyStats {
  readonly path: string;
  readonly refreshMs: number;
}

/** A text as it is, or one in HAProxy's log format, such as `%[src]`. */
export type HaproxyText = string | { readonly format: string };

/** What is done with a connection, a request or an answer, in order; with names of ACLs that must all hold, or must not. */
export type HaproxyRule = HaproxyAction & {
  readonly if?: readonly string[];
  readonly unless?: readonly string[];
};

export type HaproxyAction =
  | { readonly do: "accept" }
  | { readonly do: "reject" }
  /** Counts it under a key, such as `src`, in the frontend's table. */
  | { readonly do: "track"; readonly counter: 0 | 1 | 2; readonly key: string }
  | { readonly do: "deny"; readonly status: number }
  /** Asks for a user and a password. */
  | { readonly do: "auth"; readonly realm: string }
  | { readonly do: "redirect"; readonly location: HaproxyText; readonly code: 301 | 302 | 303 | 307 | 308 }
  | { readonly do: "setHeader"; readonly header: string; readonly value: HaproxyText }
  | { readonly do: "addHeader"; readonly header: string; readonly value: HaproxyText }
  | { readonly do: "removeHeader"; readonly header: string }
  /** One of HAProxy's own, such as `prometheus-exporter`. */
  | { readonly do: "useService"; readonly service: string };

/** A named condition; several of one name hold where one of them does. */
export interface HaproxyAcl {
  readonly name: string;
  /** Fetch and flags, one word each, such as `path_beg`, `-i`. */
  readonly criterion: readonly string[];
  /** Alternatives to match; none for what is true or false itself. */
  readonly values: readonly string[];
  /** A file of more of them, one a line, read when HAProxy starts. */
  readonly file?: string;
}

export interface HaproxyUseBackend {
  readonly backend: string;
  /** Names of ACLs that must all hold. */
  readonly acls: readonly string[];
}

export interface HaproxyBackend {
  readonly name: string;
  /** None: that of `defaults`. */
  readonly mode?: "http" | "tcp";
  /** Algorithm and its parameters, one word each. */
  readonly balance: readonly string[];
  /** Options on top of those of `defaults`. */
  readonly options?: readonly string[];
  /** For algorithms by hash; none: `map-based`. */
  readonly hashType?: "consistent" | "map-based";
  /** What a server's check asks; none: for a connection. */
  readonly check?: HaproxyHttpCheck | HaproxyTcpCheck;
  readonly cookie?: HaproxyCookie;
  /** In place of those of `defaults`. */
  readonly timeouts?: { readonly connectMs?: number; readonly serverMs?: number; readonly queueMs?: number };
  readonly acls?: readonly HaproxyAcl[];
  readonly requestRules?: readonly HaproxyRule[];
  readonly responseRules?: readonly HaproxyRule[];
  readonly servers: readonly HaproxyServer[];
  readonly raw?: readonly string[];
}

export interface HaproxyHttpCheck {
  readonly method: string;
  readonly path: string;
  /** Host header of the check's HTTP/1.1 request. */
  readonly host: string;
  /** HTTP status that counts as healthy, or several and ranges, such as `200-299,304`. */
  readonly status: number | string;
  /** Until the whole answer is there. */
  readonly timeoutMs: number;
}

export interface HaproxyTcpCheck {
  /** Until the connection is there. */
  readonly timeoutMs: number;
}

/** Keeps a client at its server. Values are made from the servers' addresses, so that servers can come while HAProxy runs. */
export interface HaproxyCookie {
  readonly name: string;
  /** What the values are made with: the same on all load balancers of the same servers. No secret. */
  readonly key: string;
  /** Over TLS only. */
  readonly secure: boolean;
}

export interface HaproxyServer {
  /**
   * Another one where the address or a parameter changes (`web-1-80`, then `web-1-81`): old and new then stand side by side until
   * the new one is up and the old one's sessions have ended. With the same name, HAProxy is reloaded.
   */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Health check; none: the server is taken as healthy. */
  readonly check?: {
    readonly intervalMs: number;
    readonly rise: number;
    readonly fall: number;
    /** After so many connections in a row that can't be made, the next failed check takes it down; none: only checks count. */
    readonly connectErrors?: number;
  };
  /** Another port of the server, where its agent says how much it can take. */
  readonly agent?: { readonly port: number; readonly intervalMs: number };
  /** 0 to 256. */
  readonly weight?: number;
  /** How long its weight grows to its own once it comes up. */
  readonly slowStartMs?: number;
  /** Takes traffic only while no other server is up. */
  readonly backup?: boolean;
  /** Connections at once; more wait in the queue. */
  readonly maxConnections?: number;
  /** More parameters, one word each. */
  readonly parameters?: readonly string[];
}
