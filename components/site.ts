import { SshKey } from "@berth/sdk";
import * as pulumi from "@pulumi/pulumi";
import type { BaseImageArgs } from "./baseImage.js";
import { ContainerImage } from "./containerImage.js";
import { ContainerRuntime } from "./containerRuntime.js";
import { haproxyModel, renderHaproxy, secretFiles, serverName, serversOf } from "./haproxy/index.js";
import { Hypervisor } from "./hypervisor.js";
import type { Inventory } from "./inventory.js";
import { LoadBalancer, type LoadBalancerArgs, loadBalancerLabels } from "./loadBalancer.js";
import { MachineService } from "./machineService.js";
import type { HeldPort, Placement, Seat } from "./placement/index.js";
import { place, planText } from "./placement/index.js";
import { Registry } from "./registry.js";
import { residentsOf } from "./residents.js";
import { strategyOf } from "./rolloutStrategy.js";
import { secretContent } from "./secretContent.js";
import { type ReplicaArgs, Service } from "./service.js";
import type { RolloutBalancer } from "./serviceRollout.js";
import { settledPlacement } from "./settledPlacement.js";
import { Snapshot } from "./snapshot.js";
import {
  connectionVariables,
  frontendUrl,
  type ImageSource,
  type LoadBalancerSpec,
  type MachineServiceSpec,
  type MachineSpec,
  naturalOrder,
  type ServiceSpec,
  type SnapshotSpec,
  type Topology,
} from "./topology/index.js";
import { VirtualMachine } from "./virtualMachine.js";

export interface SiteArgs {
  /** What to build; see `parseTopology`. Each part says what changing it does. */
  topology: Topology;
  /** The files of each of the topology's images, by its name. */
  images: Readonly<Record<string, BaseImageArgs>>;
  /** Values for the names in `topology.secrets`. Default: none. */
  secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Where each replica runs today, by its key: what may stay there stays. Default: nothing runs. */
  today?: Readonly<Record<string, Seat>>;
  /** Every host port that a container of the state has, of one that is yet to be deleted too. Default: those of `today`. */
  held?: readonly HeldPort[];
  /** Replicas that are to move, by key, to which machine; see `rebalance`. Default: none. */
  moves?: Readonly<Record<string, string>>;
  /** Images that hypervisors have beside those of their machines, by hypervisor: a machine is about to move there. Default: none. */
  prepare?: Readonly<Record<string, readonly string[]>>;
  /** Folder with the Dockerfiles `haproxy`, `keepalived` and `registry` of Berth's own images. */
  systemImages: string;
}

/** Changes of the placement, and machines, that the preview lists. */
const mostListed = 20;

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
    readonly machineServices: ReadonlyMap<string, MachineService>;
    readonly loadBalancers: ReadonlyMap<string, LoadBalancer>;
    readonly snapshots: ReadonlyMap<string, Snapshot>;
  };
  readonly #args: SiteArgs;
  readonly #operatorKey: SshKey;
  /** Of the certificates that Berth issues, by load balancer. */
  readonly #authorities = new Map<string, pulumi.Output<string>[]>();
  readonly #systemImages = new Map<string, ContainerImage>();

  constructor(name: string, args: SiteArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:Site", name, {}, opts);
    this.#args = args;
    const { topology } = args;
    // Before anything is made: a placement that can't be is a mistake of the configuration.
    const digests = Object.entries(args.images).map(([name, { sha256 }]) => [name, sha256]);
    this.placement = place(topology, args.today, args.moves, args.held, Object.fromEntries(digests));
    this.#tell(args.moves);

    const operatorKey = new SshKey(
      `${name}-operator`,
      { comment: `berth ${topology.stack}` },
      { parent: this },
    );
    this.#operatorKey = operatorKey;
    const hypervisors = each(topology.hypervisors, (spec) => this.#hypervisor(spec.name));
    const running = topology.machines.filter(({ power }) => power === "running");
    const machines = new Map(
      each(running, (spec) => this.#machine(spec, get(hypervisors, spec.hypervisor), operatorKey)),
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
    // One of machines that are all to run is taken before what is on them changes.
    const isBefore = ({ machines: names }: SnapshotSpec) => names.every((one) => machines.has(one));
    const snapshots = new Map(
      each(topology.snapshots.filter(isBefore), (spec) => this.#snapshot(spec, machines)),
    );
    const certificates = Object.fromEntries(
      [...registries.values()].map((registry) => [registry.pullServer, registry.caCertificate]),
    );
    const runtimes = each(
      running,
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
            ...revertedOf(topology.snapshots, spec.name),
          },
          { parent: this, dependsOn: [...snapshots.values()] },
        ),
    );
    this.nodes = {
      hypervisors,
      machines,
      runtimes,
      registries,
      containerImages,
      services: new Map(),
      machineServices: new Map(),
      loadBalancers: new Map(),
      snapshots,
    };
    const services = each(topology.services, (spec) => this.#service(spec));
    const machineServices = each(topology.machineServices, (spec) => this.#machineService(spec));
    const placement = settledPlacement(this.placement, [...services.values()]);
    const loadBalancers = each(topology.loadBalancers, (spec) => {
      return new LoadBalancer(
        spec.name,
        {
          ...this.#loadBalancerPlace(spec),
          model: placement.apply((known) => haproxyModel(spec, topology, known)),
          url: frontendUrl(spec.frontends[0]!),
          secretFiles: this.#secretFiles(spec),
          // A server enters the backend once its container runs, or its machine answers.
          after: [...services.values(), ...machineServices.values()],
        },
        { parent: this },
      );
    });
    // One that is to stop does so when what ran on it runs elsewhere and no load balancer sends it requests any more.
    const after = [...services.values(), ...loadBalancers.values()];
    for (const spec of topology.machines.filter((one) => !running.includes(one))) {
      machines.set(spec.name, this.#machine(spec, get(hypervisors, spec.hypervisor), operatorKey, after));
    }
    for (const spec of topology.snapshots.filter(({ name }) => !snapshots.has(name))) {
      snapshots.set(spec.name, this.#snapshot(spec, machines));
    }
    this.nodes = { ...this.nodes, services, machineServices, loadBalancers };
    this.inventory = this.#inventory();
    this.registerOutputs({ inventory: this.inventory });
  }

  /** The placement with its reasons, in the preview as in the update; one line where nothing changes. */
  #tell(moves: SiteArgs["moves"] = {}): void {
    const { problem, solution } = this.placement;
    const [headline, ...rest] = planText(problem, solution, {
      moves,
      changes: mostListed,
      machines: mostListed,
    });
    const { today = {} } = problem;
    const keys = new Set([...Object.keys(today), ...Object.keys(solution.assignment)]);
    const same = [...keys].every((key) => today[key] === solution.assignment[key]);
    const lines = same ? [headline] : [headline, ...rest];
    void pulumi.log.info(`placement of ${lines.join("\n")}`, this);
  }

  #hypervisor(name: string): Hypervisor {
    const { topology, images, prepare = {} } = this.#args;
    const spec = topology.hypervisors.find((one) => one.name === name)!;
    const guests = this.placement.replicas.filter(({ guest, machine }) => guest && machine === name);
    const used = new Set([
      ...topology.machines.filter((one) => one.hypervisor === name).map((one) => one.image),
      ...topology.machineServices
        .filter((one) => guests.some(({ service }) => service === one.name))
        .map((one) => one.image),
      ...(prepare[name] ?? []),
    ]);
    return new Hypervisor(
      name,
      {
        uri: spec.uri,
        docker: spec.dockerHost,
        accelerator: spec.accelerator,
        network: {
          mode: spec.network.mode,
          name: spec.network.name,
          bridge: spec.network.bridge,
          cidr: spec.network.cidr,
          ...(spec.network.cidr6 !== undefined && { cidr6: spec.network.cidr6 }),
          address: spec.network.address,
          gateway: spec.network.gateway,
          nameservers: spec.network.nameservers,
        },
        pool: spec.pool,
        images: Object.fromEntries(Object.entries(images).filter(([key]) => used.has(key))),
        templates: { path: spec.templates.path, size: `${spec.templates.sizeBytes}B` },
        ...(spec.consoleLogs !== undefined && { consoleLogs: spec.consoleLogs }),
      },
      { parent: this },
    );
  }

  #machine(
    spec: MachineSpec,
    hypervisor: Hypervisor,
    operatorKey: SshKey,
    after: pulumi.Resource[] = [],
  ): VirtualMachine {
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
        ...(spec.maxCpus > spec.cpus && { maxCpus: spec.maxCpus }),
        ...(spec.maxMemoryBytes > spec.memoryBytes && { maxMemory: `${spec.maxMemoryBytes}B` }),
        disk: `${spec.diskBytes}B`,
        disks: Object.fromEntries(
          Object.entries(spec.disks).map(([disk, { sizeBytes, ...rest }]) => [
            disk,
            { ...rest, size: `${sizeBytes}B` },
          ]),
        ),
        discard: spec.discard,
        interfaces: Object.fromEntries(
          Object.entries(spec.interfaces).map(([key, { macAddress: mac, ...rest }]) => [
            key,
            { ...rest, mac },
          ]),
        ),
        bootOrder: spec.bootOrder,
        ...(spec.description !== undefined && { description: spec.description }),
        newSeed: spec.newSeed,
        residents: residentsOf(spec.name, this.#args.topology, this.#args.today ?? {}),
        domainName: spec.domain,
        cloudConfig: spec.cloudConfig,
        start: spec.start,
        power: spec.power,
        stopGrace: `${spec.stopGraceMs}ms`,
      },
      { parent: this, dependsOn: after },
    );
  }

  #snapshot(spec: SnapshotSpec, machines: ReadonlyMap<string, VirtualMachine>): Snapshot {
    const { name, description, memory, revert } = spec;
    return new Snapshot(
      name,
      {
        machines: spec.machines.map((one) => get(machines, one)),
        description,
        memory,
        ...(revert !== undefined && { revert }),
      },
      { parent: this },
    );
  }

  #service(spec: ServiceSpec): Service {
    const { secrets = {}, today = {} } = this.#args;
    const replicas: Record<string, ReplicaArgs> = {};
    for (const placed of this.placement.replicas.filter((one) => one.service === spec.name)) {
      const seat = today[placed.key];
      const stays = seat?.machine === placed.machine && seat.port === placed.port;
      const from = seat && seat.machine !== placed.machine && this.nodes.runtimes.get(seat.machine);
      replicas[placed.key] = {
        runtime: get(this.nodes.runtimes, placed.machine),
        port: placed.port,
        ...(stays && {
          running: { ...seat, nextPort: placed.nextPort },
        }),
        ...(from && { from }),
      };
    }
    return new Service(
      spec.name,
      {
        image: this.#image(spec.image),
        port: spec.port,
        replicas,
        env: { ...spec.env, ...connectionVariables(spec.connects) },
        secretEnv: Object.fromEntries(
          Object.entries(spec.secrets).map(([variable, secret]) => [variable, secrets[secret]!]),
        ),
        restart: spec.restart,
        revisionKey: this.#operatorKey.privateKey,
        ...(spec.rollout && {
          rollout: {
            strategy: strategyOf(spec.rollout),
            balancers: (ports) => this.#balancersOf(spec, ports),
          },
        }),
        stopGraceSeconds: Math.ceil(spec.stopGraceMs / 1000),
        ...(spec.command && { command: [...spec.command] }),
        ...(spec.cpus !== undefined && { cpus: spec.cpus }),
        ...(spec.memoryBytes !== undefined && { memory: `${spec.memoryBytes}B` }),
      },
      { parent: this },
    );
  }

  /** A service's servers in every load balancer's configuration, with its replicas on these ports. */
  #balancersOf({ name }: ServiceSpec, ports: Readonly<Record<string, number>>): RolloutBalancer[] {
    const { topology } = this.#args;
    const replicas = this.placement.replicas.map((one) => ({ ...one, port: ports[one.key] ?? one.port }));
    const servers = Object.fromEntries(
      replicas.filter((one) => one.service === name).map(({ key, port }) => [key, serverName(key, port)]),
    );
    return topology.loadBalancers.flatMap((spec) => {
      const config = renderHaproxy(haproxyModel(spec, topology, { ...this.placement, replicas }));
      const engines =
        spec.machines.length === 0
          ? [{ host: get(this.nodes.hypervisors, spec.hypervisor).dockerHost }]
          : spec.machines.map((machine) => get(this.nodes.runtimes, machine).target);
      return Object.entries(serversOf(config, servers)).flatMap(([backend, lines]) =>
        engines.map((docker) => ({ docker, labels: loadBalancerLabels(spec.name), backend, servers: lines })),
      );
    });
  }

  #loadBalancerPlace(
    spec: LoadBalancerSpec,
  ): Pick<LoadBalancerArgs, "hypervisor" | "machines" | "virtualAddress" | "image"> {
    const hypervisor = get(this.nodes.hypervisors, spec.hypervisor);
    const own = spec.image && this.#image(spec.image);
    if (spec.machines.length === 0) {
      return { hypervisor, image: own ?? this.#systemImage("haproxy", hypervisor).local };
    }
    const pushed = (name: "haproxy" | "keepalived") =>
      Object.values(this.#systemImage(name, hypervisor).references)[0]!;
    const { network } = this.#args.topology.hypervisors.find(({ name }) => name === spec.hypervisor)!;
    return {
      machines: spec.machines.map((name) => get(this.nodes.runtimes, name)),
      image: own ?? pushed("haproxy"),
      ...(spec.virtualAddress && {
        virtualAddress: {
          ...spec.virtualAddress,
          prefixLength: network.prefixLength,
          image: pushed("keepalived"),
        },
      }),
    };
  }

  #secretFiles(spec: LoadBalancerSpec): Record<string, pulumi.Input<string>> {
    const { secrets = {} } = this.#args;
    const contents = secretFiles(spec).map((file) => ({
      file: file.file,
      ...secretContent(`${spec.name}-${file.file}`, file, secrets, { parent: this }),
    }));
    const authorities = contents.flatMap(({ authority }) => (authority === undefined ? [] : [authority]));
    if (authorities.length > 0) this.#authorities.set(spec.name, authorities);
    return Object.fromEntries(contents.map(({ file, content }) => [file, content]));
  }

  #machineService(spec: MachineServiceSpec): MachineService {
    const { health } = spec;
    const placed = this.placement.replicas.filter(({ service }) => service === spec.name);
    return new MachineService(
      spec.name,
      {
        image: spec.image,
        replicas: Object.fromEntries(
          placed.flatMap(({ key, machine, guest, warm }) =>
            guest === undefined
              ? []
              : [
                  [
                    key,
                    {
                      hypervisor: get(this.nodes.hypervisors, machine),
                      guest: guest.name,
                      domainName: guest.domain,
                      address: guest.address,
                      mac: guest.macAddress,
                      warm,
                    },
                  ],
                ],
          ),
        ),
        port: spec.port,
        health: {
          type: health.type,
          method: health.method,
          host: health.host,
          path: health.path,
          status: health.status,
          timeout: `${health.timeoutMs}ms`,
        },
        cpus: spec.cpus,
        memory: `${spec.memoryBytes}B`,
        disk: `${spec.diskBytes}B`,
        cloudConfig: spec.cloudConfig,
        start: spec.start,
        stopGrace: `${spec.stopGraceMs}ms`,
        readyTimeout: `${spec.readyTimeoutMs}ms`,
        operatorKey: this.#operatorKey,
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

  /** One of Berth's own images, built once a hypervisor, where it is used; in a registry there where machines pull it. */
  #systemImage(name: "haproxy" | "keepalived" | "registry", hypervisor: Hypervisor): ContainerImage {
    const key = `${hypervisor.name}-${name}`;
    const known = this.#systemImages.get(key);
    if (known !== undefined) return known;
    const image = new ContainerImage(
      key,
      {
        hypervisor,
        context: `${this.#args.systemImages}/${name}`,
        registries: this.#pulledBy(name, hypervisor) ? this.#registriesOn(hypervisor) : {},
      },
      { parent: this },
    );
    this.#systemImages.set(key, image);
    return image;
  }

  /** Whether machines of this hypervisor run a load balancer that needs the image. */
  #pulledBy(name: "haproxy" | "keepalived" | "registry", hypervisor: Hypervisor): boolean {
    return (
      name !== "registry" &&
      this.#args.topology.loadBalancers.some(
        (one) => one.hypervisor === hypervisor.name && one.machines.length > 0,
      )
    );
  }

  #registriesOn(hypervisor: Hypervisor): Record<string, Registry> {
    const here = this.#args.topology.registries.filter((one) => one.hypervisor === hypervisor.name);
    return Object.fromEntries(here.map(({ name }) => [name, get(this.nodes.registries, name)]));
  }

  #inventory(): pulumi.Output<Inventory> {
    const { topology } = this.#args;
    const { machines, runtimes, services, machineServices, loadBalancers } = this.nodes;
    return pulumi.output({
      machines: topology.machines.map(({ name, domain, hypervisor, address, power }) => {
        const machine = get(machines, name);
        return {
          ...{ name, domain, hypervisor, address },
          ...(machine.address6 !== undefined && { address6: machine.address6 }),
          accelerator: machine.hypervisor.accelerator,
          started: machine.started,
          power,
          ...(power === "running" && { docker: get(runtimes, name).version }),
        };
      }),
      services: [
        ...[...services.entries()].map(([name, service]) => ({
          name,
          replicas: service.endpoints.map((endpoint) => ({
            ...endpoint,
            container: service.containerIds.apply((ids) => ids[endpoint.replica]!),
          })),
        })),
        ...[...machineServices.entries()].map(([name, { endpoints }]) => ({
          name,
          replicas: endpoints.map((endpoint) => ({ ...endpoint })),
        })),
      ].sort((one, other) => naturalOrder(one.name, other.name)),
      loadBalancers: [...loadBalancers.entries()].map(([name, { url }]) => {
        const authorities = this.#authorities.get(name);
        return { name, url, ...(authorities && { authorities }) };
      }),
    });
  }
}

/** The words by which a machine is taken back to snapshots of it. */
function revertedOf(snapshots: readonly SnapshotSpec[], machine: string): { reverted?: string[] } {
  const reverted = snapshots.flatMap(({ name, machines, revert }) =>
    revert !== undefined && machines.includes(machine) ? [`${name}: ${revert}`] : [],
  );
  return reverted.length === 0 ? {} : { reverted };
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
