import type { StatsSpec } from "../topology/index.js";
import type { HaproxyFrontend } from "./model.js";
import { secretPath, statsLoginFile } from "./secretFiles.js";

/**
 * HAProxy's figures: a page, and `/metrics` for Prometheus. The password stays out of the configuration, which everybody may
 * read: HAProxy compares what the browser sends with a file for root only.
 */
export function statsFrontend({ bind, port }: StatsSpec): HaproxyFrontend {
  return {
    name: "stats",
    binds: [{ address: bind, port }],
    options: ["dontlog-normal"],
    acls: [
      { name: "known", criterion: ["req.fhdr(authorization)"], values: [], file: secretPath(statsLoginFile) },
      { name: "metrics", criterion: ["path"], values: ["/metrics"] },
    ],
    requestRules: [
      { do: "auth", realm: "HAProxy", unless: ["known"] },
      { do: "useService", service: "prometheus-exporter", if: ["metrics"] },
    ],
    stats: { path: "/", refreshMs: 5_000 },
  };
}
