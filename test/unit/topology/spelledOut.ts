import type { ImageSource, Topology } from "../../../components/topology/index.js";

/** A topology as a configuration that leaves nothing to a default. */
export function spelledOut(topology: Topology): Record<string, unknown> {
  const ms = (duration: number) => `${duration}ms`;
  const bytes = (size: number | undefined) => size && `${size}B`;
  const image = (source: ImageSource | undefined) =>
    source && (source.kind === "built" ? source.containerImage : { ref: source.ref });
  return {
    hypervisors: byName(topology.hypervisors, ({ network, ...rest }) => ({
      ...rest,
      network: {
        cidr: network.cidr,
        name: network.name,
        bridge: network.bridge,
        nameservers: network.nameservers,
      },
    })),
    images: byName(topology.images, ({ kind: _, ...rest }) => rest),
    machines: byName(topology.machines, (machine) => {
      const { domain: _, macAddress: __, memoryBytes, diskBytes, readyTimeoutMs, docker, ...rest } = machine;
      const { readyTimeoutMs: dockerMs, ...engine } = docker;
      return {
        ...rest,
        memory: bytes(memoryBytes),
        disk: bytes(diskBytes),
        readyTimeout: ms(readyTimeoutMs),
        docker: { ...engine, readyTimeout: ms(dockerMs) },
      };
    }),
    registries: byName(topology.registries, (registry) => ({ ...registry, image: image(registry.image) })),
    containerImages: byName(topology.containerImages, (built) => built),
    services: byName(topology.services, ({ memoryBytes, stopGraceMs, health, ...rest }) => ({
      ...rest,
      image: image(rest.image),
      memory: bytes(memoryBytes),
      stopGrace: ms(stopGraceMs),
      health: {
        path: health.path,
        status: health.status,
        interval: ms(health.intervalMs),
        timeout: ms(health.timeoutMs),
        rise: health.rise,
        fall: health.fall,
      },
    })),
    loadBalancers: byName(topology.loadBalancers, (balancer) => ({
      ...balancer,
      image: image(balancer.image),
    })),
    secrets: Object.fromEntries(topology.secrets.map((name) => [name, "hidden"])),
  };
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
