import type { HaproxyDefaults, HaproxyGlobal, HaproxyTlsDefaults } from "./model.js";

/** Where HAProxy's Runtime API is in its container: in a folder for root only, and never a TCP port. */
const runtimeSocket = "/run/haproxy/admin.sock";
/** Empty folder in HAProxy's image. */
const emptyFolder = "/var/lib/haproxy";
/** The user of HAProxy's workers; Debian gives the number to nobody else. */
const workerId = 99;

/** Process settings: workers locked into an empty folder, as a user with no rights, logging to the container's log. */
export function hardenedGlobal(maxConnections: number): HaproxyGlobal {
  return {
    maxConnections,
    log: "stdout format raw local0",
    chroot: emptyFolder,
    uid: workerId,
    gid: workerId,
    runtimeSocket,
    // Long enough for an upload that is under way; idle workers end at once.
    hardStopAfterMs: 300_000,
  };
}

/** Every time-out is set, since HAProxy has none by default, and slow requests would then hold connections for ever. */
export function hardenedDefaults(maxConnections: number): HaproxyDefaults {
  return {
    mode: "http",
    log: true,
    maxConnections,
    timeouts: {
      // Two tries of TCP's own; then another server.
      connectMs: 2_000,
      clientMs: 60_000,
      serverMs: 60_000,
      httpRequestMs: 10_000,
      httpKeepAliveMs: 10_000,
      queueMs: 30_000,
      tunnelMs: 3_600_000,
    },
    retries: 5,
    options: [
      "dontlognull",
      // Where a server can't be connected to, each further try is another one's.
      "redispatch 1",
    ],
    httpReuse: "safe",
  };
}

/** Options of every frontend in mode http; in `defaults` they would be wrong for a frontend in mode tcp. */
export const httpOptions: readonly string[] = [
  "httplog",
  "forwardfor",
  // An old worker answers what it is asked on a kept connection, and closes it only then: no reset at a reload.
  "idle-close-on-response",
];

export const tcpOptions: readonly string[] = ["tcplog"];

/** Mozilla's "intermediate" for servers: forward secrecy and authenticated encryption only. */
export const hardenedTls: HaproxyTlsDefaults = {
  minVersion: "TLSv1.2",
  ciphers: [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
  ],
  cipherSuites: ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"],
};
