/**
 * A configuration of HAProxy (2.6 or later) as data. Durations are in milliseconds.
 * `renderHaproxy` turns it into text; `raw` lines go into their section as they are, one directive each.
 */
export interface HaproxyModel {
  readonly global: HaproxyGlobal;
  readonly defaults: HaproxyDefaults;
  readonly frontends: readonly HaproxyFrontend[];
  readonly backends: readonly HaproxyBackend[];
}

export interface HaproxyGlobal {
  /** Connections at once, over all frontends. */
  readonly maxConnections: number;
  /** Log target, such as `stdout format raw local0`. */
  readonly log?: string;
  /** Empty folder that the workers are locked into. */
  readonly chroot?: string;
  /** Numeric user that the workers run as; numbers need no passwd file in the image. */
  readonly uid?: number;
  readonly gid?: number;
  /** The Runtime API: a Unix socket for its owner only (mode 600, level admin), which hands listeners over at a reload. */
  readonly runtimeSocket?: string;
  /** How long an old worker may live after a reload. */
  readonly hardStopAfterMs: number;
  readonly raw?: readonly string[];
}

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
}

export interface HaproxyFrontend {
  readonly name: string;
  /** None: that of `defaults`. */
  readonly mode?: "http" | "tcp";
  readonly binds: readonly HaproxyBind[];
  /** Options on top of those of `defaults`. */
  readonly options?: readonly string[];
  readonly acls?: readonly HaproxyAcl[];
  /** In order: the first that matches wins. */
  readonly useBackends?: readonly HaproxyUseBackend[];
  readonly defaultBackend?: string;
  readonly raw?: readonly string[];
}

export interface HaproxyBind {
  /** IPv4 address, or `*`. */
  readonly address: string;
  readonly port: number;
  /** More parameters, such as `ssl`, `crt`, a path; each is one word. */
  readonly parameters?: readonly string[];
}

/** A named condition; several of one name hold where one of them does. */
export interface HaproxyAcl {
  readonly name: string;
  /** Fetch and flags, one word each, such as `path_beg`, `-i`. */
  readonly criterion: readonly string[];
  /** Alternatives to match. */
  readonly values: readonly string[];
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
  readonly check?: HaproxyHttpCheck;
  readonly servers: readonly HaproxyServer[];
  readonly raw?: readonly string[];
}

export interface HaproxyHttpCheck {
  readonly method: string;
  readonly path: string;
  /** Host header of the check's HTTP/1.1 request. */
  readonly host: string;
  /** HTTP status that counts as healthy. */
  readonly status: number;
  /** Until the whole answer is there. */
  readonly timeoutMs: number;
}

export interface HaproxyServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Health check; none: the server is taken as healthy. */
  readonly check?: { readonly intervalMs: number; readonly rise: number; readonly fall: number };
  /** 0 to 256. */
  readonly weight?: number;
  /** Takes traffic only while no other server is up. */
  readonly backup?: boolean;
  /** Connections at once; more wait in the queue. */
  readonly maxConnections?: number;
  /** More parameters, one word each. */
  readonly parameters?: readonly string[];
}
