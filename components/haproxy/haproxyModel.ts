import type { Placement } from "../placement/index.js";
import type { LoadBalancerSpec, Topology } from "../topology/index.js";
import { aliveFrontend } from "./aliveFrontend.js";
import { backendModel } from "./backendModel.js";
import { frontendModel } from "./frontendModel.js";
import { hardenedDefaults, hardenedGlobal, hardenedTls } from "./hardened.js";
import type { HaproxyModel } from "./model.js";
import { statsFrontend } from "./statsFrontend.js";
import { targetsOf } from "./targets.js";

/** A load balancer's configuration: its frontends, and a backend for each service that requests may go to. */
export function haproxyModel(spec: LoadBalancerSpec, topology: Topology, placement: Placement): HaproxyModel {
  const { maxConnections, timeouts, log, raw } = spec;
  const global = hardenedGlobal(maxConnections);
  const defaults = hardenedDefaults(maxConnections);
  const targets = log.targets.map((target) =>
    target === "stdout" ? "stdout format raw local0" : `${target} local0`,
  );
  return {
    global: {
      ...global,
      log: targets,
      ...(spec.frontends.some(({ tls }) => tls !== undefined) && { tls: hardenedTls }),
      ...(raw.global.length > 0 && { raw: raw.global }),
    },
    defaults: {
      ...defaults,
      timeouts: {
        connectMs: timeouts.connectMs,
        clientMs: timeouts.clientMs,
        serverMs: timeouts.serverMs,
        httpRequestMs: timeouts.requestMs,
        httpKeepAliveMs: timeouts.keepAliveMs,
        queueMs: timeouts.queueMs,
        tunnelMs: timeouts.tunnelMs,
      },
      retries: spec.retries,
      options: [...defaults.options, ...(log.requests === "errors" ? ["dontlog-normal"] : [])],
      ...(raw.defaults.length > 0 && { raw: raw.defaults }),
    },
    sections: Object.entries(raw.sections).map(([title, lines]) => ({ title, lines })),
    frontends: [
      ...spec.frontends.map((frontend) => frontendModel(frontend, spec, topology)),
      ...(spec.stats ? [statsFrontend(spec.stats)] : []),
      ...(spec.virtualAddress ? [aliveFrontend(spec.virtualAddress)] : []),
    ],
    backends: targetsOf(spec, topology).map((target) => backendModel(target, placement)),
  };
}
