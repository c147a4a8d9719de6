import { SshKey } from "@berth/sdk";
import * as pulumi from "@pulumi/pulumi";
import type { BaseImageArgs } from "./baseImage.js";
import { ContainerImage } from "./containerImage.js";
import { ContainerRuntime } from "./containerRuntime.js";
import { haproxyModel } from "./haproxy/index.js";
import { Hypervisor } from "./hypervisor.js";
import type { Inventory } from "./inventory.js";
import { LoadBalancer } from "./loadBalancer.js";
import type { Placement } from "./placement/index.js";
import { place } from "./placement/index.js";
import { Registry } from "./registry.js";
import { type ReplicaArgs, Service } from "./service.js";
import type { ImageSource, MachineSpec, ServiceSpec, Topology } from "./topology/index.js";
import { VirtualMachine } from "./virtualMachine.js";

export interface SiteArgs {
  /** What to build; see `parseTopology`. Each part says what changing it does. */
  topology: Topology;
  /** The files of each of the topology's images, by its name. */
  images: Readonly<Record<string, BaseImageArgs>>;
  /** Values for the names in `topology.secrets`. Default: none. */
  secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Folder with the Dockerfiles `haproxy` and `registry` of Berth's own images. */
  systemImages: string;
}

/** A whole installation: hypervisors, machines, Docker in them, images, services and load balancers, from one topology. */
export class Site extends pulumi.ComponentResource {
  readonly placement: Placement;
  readonly inventory: pulumi.Output<Inventory>;
  readonly nodes: {
    readonly hypervisors: ReadonlyMap<string, Hypervisor>;
    readonly machines: ReadonlyMap<string, VirtualMachine>;
    readonly runtimes: ReadonlyMap<string, ContainerRuntime>;
    readonly registries: ReadonlyMap<string, Registry>;
    readonly containerImages: ReadonlyMap<string, ContainerImage>;
    readonly services: ReadonlyMap<string, Service>;
    readonly loadBalancers: ReadonlyMap<string, LoadBalancer>;
  };
  readonly #args: SiteArgs;
  readonly #systemImages = new Map<string, ContainerImage>();

  constructor(name: string, args: SiteArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:Site", name, {}, opts);
    this.#args = args;
    const { topology } = args;
    // Before anything is made: a placement that can't be is a mistake of the configuration.
    this.placement = place(topology);

    const operatorKey = new SshKey(
      `${name}-operator`,
      { comment: `berth ${topology.stack}` },
      { parent: this },
    );
    const hypervisors = each(topology.hypervisors, (spec) => this.#hypervisor(spec.name));
    const machines = each(topology.machines, (spec) =>
      this.#machine(spec, get(hypervisors, spec.hypervisor), operatorKey),
    );
    const registries = each(topology.registries, (spec) => {
      const hypervisor = get(hypervisors, spec.hypervisor);
      const image = spec.image && this.#image(spec.image);
      return new Registry(
        spec.name,
        { hypervisor, port: spec.port, image: image ?? this.#systemImage("registry", hypervisor).local },
        { parent: this },
      );
    });
    const containerImages = each(
      topology.containerImages,
      (spec) =>
        new ContainerImage(
          spec.name,
          {
            hypervisor: get(hypervisors, spec.hypervisor),
            context: spec.context,
            dockerfile: `${spec.context}/${spec.dockerfile}`,
            args: spec.args,
            ...(spec.target !== undefined && { target: spec.target }),
            registries: Object.fromEntries(spec.registries.map((key) => [key, get(registries, key)])),
          },
          { parent: this },
        ),
    );
    const certificates = Object.fromEntries(
      [...registries.values()].map((registry) => [registry.pullServer, registry.caCertificate]),
    );
    const runtimes = each(
      topology.machines,
      (spec) =>
        new ContainerRuntime(
          spec.name,
          {
            machine: get(machines, spec.name),
            daemon: spec.docker.daemon,
            package: spec.docker.package,
            certificates,
            bootTimeout: `${spec.readyTimeoutMs}ms`,
            dockerTimeout: `${spec.docker.readyTimeoutMs}ms`,
          },
          { parent: this },
        ),
    );
    this.nodes = {
      hypervisors,
      machines,
      runtimes,
      registries,
      containerImages,
      services: new Map(),
      loadBalancers: new Map(),
    };
    const services = each(topology.services, (spec) => this.#service(spec));
    const loadBalancers = each(topology.loadBalancers, (spec) => {
      const hypervisor = get(hypervisors, spec.hypervisor);
      const image = spec.image && this.#image(spec.image);
      const port = spec.port === 80 ? "" : `:${spec.port}`;
      return new LoadBalancer(
        spec.name,
        {
          hypervisor,
          image: image ?? this.#systemImage("haproxy", hypervisor).local,
          model: haproxyModel(spec, topology, this.placement),
          url: `http://${spec.bind}${port}/`,
          // A server enters the backend once its container runs.
          after: [...services.values()],
        },
        { parent: this },
      );
    });
    this.nodes = { ...this.nodes, services, loadBalancers };
    this.inventory = this.#inventory();
    this.registerOutputs({ inventory: this.inventory });
  }

  #hypervisor(name: string): Hypervisor {
    const { topology, images } = this.#args;
    const spec = topology.hypervisors.find((one) => one.name === name)!;
    const used = new Set(topology.machines.filter((one) => one.hypervisor === name).map((one) => one.image));
    return new Hypervisor(
      name,
      {
        uri: spec.uri,
        docker: spec.dockerHost,
        accelerator: spec.accelerator,
        network: { name: spec.network.name, bridge: spec.network.bridge, cidr: spec.network.cidr },
        pool: spec.pool,
        images: Object.fromEntries(Object.entries(images).filter(([key]) => used.has(key))),
        ...(spec.consoleLogs !== undefined && { consoleLogs: spec.consoleLogs }),
      },
      { parent: this },
    );
  }

  #machine(spec: MachineSpec, hypervisor: Hypervisor, operatorKey: SshKey): VirtualMachine {
    return new VirtualMachine(
      spec.name,
      {
        hypervisor,
        operatorKey,
        image: spec.image,
        address: spec.address,
        mac: spec.macAddress,
        cpus: spec.cpus,
        memory: `${spec.memoryBytes}B`,
        disk: `${spec.diskBytes}B`,
        domainName: spec.domain,
        cloudConfig: spec.cloudConfig,
      },
      { parent: this },
    );
  }

  #service(spec: ServiceSpec): Service {
    const { secrets = {} } = this.#args;
    const replicas: Record<string, ReplicaArgs> = {};
    for (const placed of this.placement.replicas.filter((one) => one.service === spec.name)) {
      replicas[placed.key] = { runtime: get(this.nodes.runtimes, placed.machine), port: placed.port };
    }
    return new Service(
      spec.name,
      {
        image: this.#image(spec.image),
        port: spec.port,
        replicas,
        env: spec.env,
        secretEnv: Object.fromEntries(
          Object.entries(spec.secrets).map(([variable, secret]) => [variable, secrets[secret]!]),
        ),
        restart: spec.restart,
        stopGraceSeconds: Math.ceil(spec.stopGraceMs / 1000),
        ...(spec.command && { command: [...spec.command] }),
        ...(spec.cpus !== undefined && { cpus: spec.cpus }),
        ...(spec.memoryBytes !== undefined && { memory: `${spec.memoryBytes}B` }),
      },
      { parent: this },
    );
  }

  /** An image as the machines name it. */
  #image(source: ImageSource): pulumi.Input<string> {
    if (source.kind === "reference") return source.ref;
    const image = get(this.nodes.containerImages, source.containerImage);
    return Object.values(image.references)[0] ?? image.local;
  }

  /** One of Berth's own images, built once a hypervisor, where it is used. */
  #systemImage(name: "haproxy" | "registry", hypervisor: Hypervisor): ContainerImage {
    const key = `${hypervisor.name}-${name}`;
    const known = this.#systemImages.get(key);
    if (known !== undefined) return known;
    const image = new ContainerImage(
      key,
      { hypervisor, context: `${this.#args.systemImages}/${name}` },
      { parent: this },
    );
    this.#systemImages.set(key, image);
    return image;
  }

  #inventory(): pulumi.Output<Inventory> {
    const { topology } = this.#args;
    const { machines, runtimes, services, loadBalancers } = this.nodes;
    return pulumi.output({
      machines: topology.machines.map((spec) => ({
        name: spec.name,
        domain: spec.domain,
        hypervisor: spec.hypervisor,
        address: spec.address,
        accelerator: get(machines, spec.name).hypervisor.accelerator,
        docker: get(runtimes, spec.name).version,
      })),
      services: [...services.entries()].map(([name, service]) => ({
        name,
        replicas: service.endpoints.map((endpoint) => ({
          ...endpoint,
          container: service.containerIds.apply((ids) => ids[endpoint.replica]!),
        })),
      })),
      loadBalancers: [...loadBalancers.entries()].map(([name, { url }]) => ({ name, url })),
    });
  }
}

function each<S extends { readonly name: string }, T>(
  specs: readonly S[],
  make: (spec: S) => T,
): ReadonlyMap<string, T> {
  return new Map(specs.map((spec) => [spec.name, make(spec)]));
}

/** The topology was validated: a reference that leads nowhere is a defect of Berth, not of the configuration. */
function get<T>(map: ReadonlyMap<string, T>, name: string): T {
  const found = map.get(name);
  if (found === undefined) throw new Error(`"${name}" is referred to and not made; please report it`);
  return found;
}
