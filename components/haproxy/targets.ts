import {
  type BackendSpec,
  type BalancedService,
  balancedServices,
  type FrontendSpec,
  type LoadBalancerSpec,
  type Protocol,
  type Topology,
} from "../topology/index.js";

/** A service as the frontends of one mode reach it. */
export interface Target {
  /** The backend's name. */
  readonly name: string;
  readonly mode: Protocol;
  readonly service: BalancedService;
  readonly spec: BackendSpec;
  /** The frontends that lead there. */
  readonly frontends: readonly FrontendSpec[];
}

/** A backend for each service, and a second one where it is reached both as HTTP and as plain TCP: HAProxy has one mode a backend. */
export function targetsOf({ frontends, backends }: LoadBalancerSpec, topology: Topology): Target[] {
  const services = balancedServices(topology);
  return backends.flatMap((spec) => {
    const service = services.find(({ name }) => name === spec.service)!;
    return (["http", "tcp"] as const).flatMap((mode) => {
      const leading = frontends.filter(
        (one) =>
          one.mode === mode &&
          (one.service === service.name || one.routes.some((route) => route.service === service.name)),
      );
      return leading.length === 0
        ? []
        : [{ name: backendName(service, mode), mode, service, spec, frontends: leading }];
    });
  });
}

/** `web`, or `web:tcp` for a service of HTTP whose bytes are passed on; no service's name has a colon. */
export function backendName({ name, protocol }: BalancedService, mode: Protocol): string {
  return protocol === mode ? name : `${name}:${mode}`;
}
