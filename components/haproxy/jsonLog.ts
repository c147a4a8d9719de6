import type { Protocol } from "../topology/index.js";

/** One JSON object a line; HAProxy quotes and escapes what a client may have chosen. */
export function jsonLog(mode: Protocol): string {
  const numbers = { client_port: "%cp", bytes: "%B", duration_ms: "%Tt", connections: "%ac" };
  const texts = {
    time: "%tr",
    client: "%ci",
    frontend: "%ft",
    backend: "%b",
    server: "%s",
    termination: mode === "http" ? "%tsc" : "%ts",
  };
  const http = { method: "%HM", uri: "%HU", version: "%HV" };
  const members = [
    ...Object.entries(mode === "http" ? { ...texts, ...http } : texts).map(
      ([name, value]) => `"${name}":${value.replace("%", "%{+Q,+E}")}`,
    ),
    ...Object.entries(mode === "http" ? { ...numbers, status: "%ST" } : numbers).map(
      ([name, value]) => `"${name}":${value}`,
    ),
  ];
  return `{${members.join(",")}}`;
}
