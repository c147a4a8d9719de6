import type {
  AutoscaleSpec,
  HealthSpec,
  ImageSource,
  RolloutSpec,
  Topology,
} from "../../../components/topology/index.js";

const ms = (duration: number) => `${duration}ms`;

/** A topology as a configuration that leaves nothing to a default. */
export function spelledOut(topology: Topology): Record<string, unknown> {
  const bytes = (size: number | undefined) => size && `${size}B`;
  const image = (source: ImageSource | undefined) =>
    source && (source.kind === "built" ? source.containerImage : { ref: source.ref });
  const checks = ({ intervalMs, timeoutMs, agent, ...rest }: HealthSpec) => ({
    ...rest,
    interval: ms(intervalMs),
    timeout: ms(timeoutMs),
    agent: agent && { port: agent.port, interval: ms(agent.intervalMs) },
  });
  return {
    hypervisors: byName(topology.hypervisors, ({ network, templates, capacity, ...rest }) => ({
      ...rest,
      capacity: capacity && {
        cpus: capacity.cpus,
        memory: bytes(capacity.memoryBytes),
        disk: bytes(capacity.diskBytes),
      },
      templates: { path: templates.path, size: `${templates.sizeBytes}B` },
      network: {
        mode: network.mode,
        cidr: network.cidr,
        cidr6: network.cidr6,
        range: network.range,
        ...(network.mode === "bridge" && { address: network.address, gateway: network.gateway }),
        name: network.name,
        bridge: network.bridge,
        nameservers: network.nameservers,
      },
    })),
    images: byName(topology.images, ({ kind: _, ...rest }) => rest),
    machines: byName(topology.machines, (machine) => {
      const {
        domain: _,
        macAddress: __,
        memoryBytes,
        maxMemoryBytes,
        diskBytes,
        disks,
        interfaces,
        readyTimeoutMs,
        stopGraceMs,
        docker,
        reserved,
        ...rest
      } = machine;
      const { readyTimeoutMs: dockerMs, ...engine } = docker;
      return {
        ...rest,
        memory: bytes(memoryBytes),
        maxMemory: bytes(maxMemoryBytes),
        disk: bytes(diskBytes),
        disks: Object.fromEntries(
          Object.entries(disks).map(([name, { sizeBytes, ...more }]) => [
            name,
            { ...more, size: bytes(sizeBytes) },
          ]),
        ),
        interfaces: Object.fromEntries(
          Object.entries(interfaces).map(([name, { macAddress: ___, ...more }]) => [name, more]),
        ),
        reserved: {
          cpus: reserved.cpus,
          memory: bytes(reserved.memoryBytes),
          disk: bytes(reserved.diskBytes),
        },
        readyTimeout: ms(readyTimeoutMs),
        stopGrace: ms(stopGraceMs),
        docker: { ...engine, readyTimeout: ms(dockerMs) },
      };
    }),
    registries: byName(topology.registries, (registry) => ({ ...registry, image: image(registry.image) })),
    containerImages: byName(topology.containerImages, (built) => built),
    services: {
      ...byName(topology.services, ({ memoryBytes, stopGraceMs, health, requests, ...rest }) => ({
        ...rest,
        requests: {
          cpus: requests.cpus,
          memory: bytes(requests.memoryBytes),
          disk: bytes(requests.diskBytes),
        },
        image: image(rest.image),
        connects: Object.fromEntries(
          Object.entries(rest.connects).map(([prefix, { loadBalancer, frontend }]) => [
            prefix,
            { loadBalancer, frontend },
          ]),
        ),
        memory: bytes(memoryBytes),
        stopGrace: ms(stopGraceMs),
        rollout: rollout(rest.rollout),
        autoscale: autoscale(rest.autoscale),
        health: checks(health),
      })),
      ...byName(
        topology.machineServices,
        ({ memoryBytes, diskBytes, stopGraceMs, readyTimeoutMs, health, requests, ...rest }) => ({
          ...rest,
          runsAs: "machine",
          requests: {
            cpus: requests.cpus,
            memory: bytes(requests.memoryBytes),
            disk: bytes(requests.diskBytes),
          },
          memory: bytes(memoryBytes),
          disk: bytes(diskBytes),
          stopGrace: ms(stopGraceMs),
          readyTimeout: ms(readyTimeoutMs),
          health: checks(health),
        }),
      ),
    },
    loadBalancers: byName(topology.loadBalancers, (balancer) => ({
      ...balancer,
      image: image(balancer.image),
      ...(balancer.machines.length === 0 ? { machines: undefined } : { hypervisor: undefined }),
      virtualAddress: balancer.virtualAddress && {
        address: balancer.virtualAddress.address,
        routerId: balancer.virtualAddress.routerId,
        interval: ms(balancer.virtualAddress.intervalMs),
      },
      timeouts: Object.fromEntries(
        Object.entries(balancer.timeouts).map(([key, value]) => [key.replace(/Ms$/, ""), ms(value)]),
      ),
      frontends: byName(balancer.frontends, (frontend) => {
        const { redirectTo, rateLimit, requestHeaders, responseHeaders, tls, ...rest } = frontend;
        const redirects = redirectTo !== undefined;
        return {
          ...rest,
          headers: { request: requestHeaders, response: responseHeaders },
          rateLimit: rateLimit && { requests: rateLimit.requests, period: ms(rateLimit.periodMs) },
          ...(rest.mode === "tcp" && { headers: undefined, compress: undefined }),
          ...(redirects && { redirect: "https", routes: undefined, compress: undefined }),
          tls: tls && {
            certificates: tls.certificates.map(({ kind: _, ...certificate }) => certificate),
            minVersion: tls.minVersion,
            http2: tls.http2,
            clientCa: tls.clientCa,
            hsts: tls.hstsSeconds && `${tls.hstsSeconds}s`,
          },
        };
      }),
      backends: Object.fromEntries(
        balancer.backends.map((backend) => {
          const { service, requestHeaders, responseHeaders, slowStartMs, stickyCookie, ...rest } = backend;
          const { serverTimeoutMs, ...written } = rest;
          return [
            service,
            {
              ...written,
              slowStart: slowStartMs && ms(slowStartMs),
              sticky: stickyCookie && { cookie: stickyCookie },
              timeout: serverTimeoutMs && ms(serverTimeoutMs),
              ...(balancer.frontends.every(({ mode }) => mode === "http") && {
                headers: { request: requestHeaders, response: responseHeaders },
              }),
            },
          ];
        }),
      ),
    })),
    snapshots: byName(topology.snapshots, (snapshot) => snapshot),
    placement: topology.placement,
    secrets: Object.fromEntries(topology.secrets.map((name) => [name, "hidden"])),
  };
}

function autoscale(spec: AutoscaleSpec | undefined): object | undefined {
  if (spec === undefined) return undefined;
  const { tolerancePercent, scaleInAfterMs, responseMs, ...rest } = spec;
  const responseTime = responseMs === undefined ? undefined : ms(responseMs);
  return { ...rest, responseTime, tolerance: tolerancePercent, scaleInAfter: ms(scaleInAfterMs) };
}

function rollout(spec: RolloutSpec | undefined): object | undefined {
  if (spec === undefined || spec.strategy === "rolling") return spec;
  const { holdMs, check, ...rest } = spec;
  const { timeoutMs, responseMs, ...limits } = check;
  const responseTime = responseMs === undefined ? undefined : ms(responseMs);
  return { ...rest, hold: ms(holdMs), check: { ...limits, timeout: ms(timeoutMs), responseTime } };
}

function byName<T extends { readonly name: string }>(
  list: readonly T[],
  written: (item: T) => object,
): Record<string, object> {
  return Object.fromEntries(
    list.map((item) => {
      const { name, ...rest } = written(item) as Record<string, unknown> & { name: string };
      // What is undefined was never written: the engine hands configuration over as JSON.
      return [name, JSON.parse(JSON.stringify(rest)) as object];
    }),
  );
}
