import type { Protocol } from "../topology/index.js";

/**
 * One JSON object a line. What a client chose is escaped as JSON by HAProxy's converter; the flags `Q` and `E` of a log
 * variable escape for syslog, where `]` has a backslash too, and are ignored for times and the termination state.
 */
export function jsonLog(mode: Protocol): string {
  const http = mode === "http";
  const texts = {
    // A connection of TCP has no request, and so no time of one.
    time: http ? "%tr" : "%t",
    client: "%ci",
    frontend: "%ft",
    backend: "%b",
    server: "%s",
    termination: http ? "%tsc" : "%ts",
    ...(http && {
      method: "%[capture.req.method,json(utf8s)]",
      uri: "%[capture.req.uri,json(utf8s)]",
      version: "%[capture.req.ver,json(utf8s)]",
    }),
  };
  const numbers = {
    client_port: "%cp",
    bytes: "%B",
    duration_ms: "%Tt",
    connections: "%ac",
    ...(http && { status: "%ST" }),
  };
  const members = [
    ...Object.entries(texts).map(([name, value]) => `"${name}":"${value}"`),
    ...Object.entries(numbers).map(([name, value]) => `"${name}":${value}`),
  ];
  return `{${members.join(",")}}`;
}
