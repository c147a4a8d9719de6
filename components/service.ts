import { ReleaseHistory } from "@berth/sdk";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerRuntime } from "./containerRuntime.js";
import { mebibytes } from "./quantity.js";
import { containerLimits, revisionOf } from "./revision.js";
import { ServiceRollout, type ServiceRolloutArgs } from "./serviceRollout.js";
import { type Transform, transformed } from "./transform.js";

export interface ReplicaArgs {
  /** The engine that runs it. Changing it: the replica is created on the new machine, then deleted on the old one. */
  runtime: ContainerRuntime;
  /** Port on the machine's address. Changing it: replace. */
  port: number;
  /** What answers there today, from the stack's state. Default: nothing. */
  running?: RunningReplica;
  /** Where it runs today, if not on `runtime`. Default: nowhere else. */
  from?: ContainerRuntime;
}

/** A container that may go on, or be replaced by one beside it. */
export interface RunningReplica {
  /** The value of its label `berth.revision`. None: replaced. */
  revision?: string | undefined;
  /** The image that it was made from, as Docker on the machine knows it. None: replaced. */
  image?: string | undefined;
  /** The limits that it has, by the names of `docker.ContainerArgs`: without one of them it is replaced. Default: none. */
  limits?: readonly string[] | undefined;
  /** Port on the machine's address for a container that replaces it. */
  nextPort: number;
}

export interface ServiceArgs {
  /** Image reference, by digest. Changing it: replaces every replica. */
  image: pulumi.Input<string>;
  /** Port that the containers listen on. Changing it: replace. */
  port: number;
  /** Replicas by key. Adding or removing a key touches no other replica. */
  replicas: Readonly<Record<string, ReplicaArgs>>;
  /** Command and arguments. Default: the image's own. Changing it: replace. */
  command?: pulumi.Input<string>[];
  /** Environment. Default: none but `BERTH_SERVICE`, `BERTH_REPLICA` and `BERTH_MACHINE`. Changing it: replace. */
  env?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Environment whose values are secrets, encrypted in the state. Default: none. Changing it: replace. */
  secretEnv?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Most memory of a replica, e.g. `128MiB`. Default: no limit. Changing it: in place. */
  memory?: string;
  /** Most processors of a replica, e.g. 0.5. Default: no limit. Changing it: in place. */
  cpus?: number;
  /** When Docker starts it again. Default `unless-stopped`. Changing it: in place. */
  restart?: "no" | "on-failure" | "always" | "unless-stopped";
  /** Seconds from SIGTERM to SIGKILL. Default 10. Changing it: takes effect with the next stop. */
  stopGraceSeconds?: pulumi.Input<number>;
  /**
   * Key of the mark (label `berth.revision`) by which the next update knows whether a replica has changed; a secret.
   * Default: no mark, and a changed replica takes its predecessor's port once that has gone. Changing it: replaces every replica.
   */
  revisionKey?: pulumi.Input<string>;
  /**
   * How replicas that change are replaced. Default: all new ones start beside the old ones, and when HAProxy's checks find them well
   * they get the requests. Changing it: nothing happens before a replica changes.
   */
  rollout?: Pick<ServiceRolloutArgs, "strategy" | "balancers">;
  transform?: { container?: Transform<docker.ContainerArgs> };
}

/** Where a replica answers. */
export interface Endpoint {
  readonly replica: string;
  readonly machine: string;
  readonly address: string;
  /** Unknown in the preview where only the update can tell whether the replica changes, as of an image that is built anew. */
  readonly port: pulumi.Output<number>;
}

/** Replicas of one container, each on the engine that it was placed on. A changed one starts beside the old one, on another port. */
export class Service extends pulumi.ComponentResource {
  readonly endpoints: readonly Endpoint[];
  /** The containers' ids, by replica. */
  readonly containerIds: pulumi.Output<Record<string, string>>;
  readonly nodes: {
    readonly containers: Readonly<Record<string, docker.Container>>;
    readonly releases: ReleaseHistory;
  };

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:Service", name, {}, opts);
    const containers: Record<string, docker.Container> = {};
    const replicas = Object.entries(args.replicas).map(([key, replica]) => {
      const image = replica.runtime.pull(name, args.image).imageId;
      const [, wanted, options] = transformed(
        args.transform?.container,
        key,
        containerArgs(name, key, replica, image, args),
        replica.runtime.resident(this),
      );
      return { key, replica, options, ...settle(wanted, image, replica, args) };
    });
    const rollout =
      args.rollout &&
      new ServiceRollout(
        name,
        {
          ...args.rollout,
          labels: serviceLabels(name),
          stopGraceSeconds: args.stopGraceSeconds ?? 10,
        },
        Object.fromEntries(
          replicas.map(({ key, replica: { runtime, running, from }, port }) => [
            key,
            {
              address: runtime.machine.address,
              port,
              engines: [runtime, ...(from ? [from] : [])].map(({ target }) => target),
              runs: running !== undefined || from !== undefined,
            },
          ]),
        ),
        this,
      );
    for (const { key, final, options } of replicas) {
      const dependsOn = [options.dependsOn ?? [], rollout?.before(key) ?? []].flat() as pulumi.Resource[];
      containers[key] = new docker.Container(key, final, { ...options, dependsOn });
      rollout?.made(key, containers[key].id);
    }
    rollout?.allMade(Object.fromEntries(Object.entries(containers).map(([key, { id }]) => [key, id])));
    // What did not come up is none.
    const releases = new ReleaseHistory(
      name,
      { image: args.image },
      { parent: this, dependsOn: [...Object.values(containers), ...(rollout?.steps ?? [])] },
    );
    const endpoints = replicas.map(({ key, replica: { runtime }, port }): Endpoint => {
      const { name: machine, address } = runtime.machine;
      return { replica: key, machine, address, port };
    });
    this.endpoints = endpoints;
    this.nodes = { containers, releases };
    this.containerIds = pulumi.output(
      Object.fromEntries(Object.entries(containers).map(([key, container]) => [key, container.id])),
    );
    this.registerOutputs({ endpoints, containerIds: this.containerIds });
  }
}

function containerArgs(
  name: string,
  key: string,
  { runtime: { machine }, port }: ReplicaArgs,
  image: pulumi.Output<string>,
  args: ServiceArgs,
): docker.ContainerArgs {
  const identity = { BERTH_SERVICE: name, BERTH_REPLICA: key, BERTH_MACHINE: machine.name };
  const labels = { ...serviceLabels(name), "berth.replica": key, "berth.machine": machine.name };
  return {
    image,
    ports: [{ internal: args.port, external: port, ip: machine.address, protocol: "tcp" }],
    envs: environment({ ...identity, ...args.env }, args.secretEnv),
    labels: Object.entries(labels).map(([label, value]) => ({ label, value })),
    restart: args.restart ?? "unless-stopped",
    securityOpts: ["no-new-privileges:true"],
    destroyGraceSeconds: args.stopGraceSeconds ?? 10,
    ...(args.command && { command: args.command }),
    ...(args.memory !== undefined && { memory: mebibytes(args.memory) }),
    ...(args.cpus !== undefined && { cpus: String(args.cpus) }),
  };
}

function serviceLabels(name: string): Record<string, string> {
  return { "berth.service": name, "berth.stack": pulumi.getStack() };
}

/** The arguments with the mark, and with the port: the present one for a container that stays, another for one beside it. */
function settle(
  wanted: docker.ContainerArgs,
  image: pulumi.Output<string>,
  { port, running }: ReplicaArgs,
  { image: reference, revisionKey }: ServiceArgs,
): { final: docker.ContainerArgs; port: pulumi.Output<number> } {
  if (revisionKey === undefined) return { final: wanted, port: pulumi.output(port) };
  // By its reference an image is known in the preview, before it is on the machine.
  const revision = revisionOf(wanted.image === image ? { ...wanted, image: reference } : wanted, revisionKey);
  const labels = pulumi
    .all([wanted.labels, revision])
    .apply(([given, value]) => [...(given ?? []), { label: "berth.revision", value }]);
  if (running === undefined) return { final: { ...wanted, labels }, port: pulumi.output(port) };

  const { nextPort } = running;
  const lifted = containerLimits.some(
    (limit) => running.limits?.includes(limit) && wanted[limit] === undefined,
  );
  const chosen = pulumi.all([revision, reference]).apply(([mark, name]) => {
    if (lifted || mark !== running.revision) return pulumi.output(nextPort);
    if (name.includes("@sha256:")) return pulumi.output(port);
    // The same tag may name another image than it did.
    return pulumi.output(wanted.image).apply((id) => (id === running.image ? port : nextPort));
  });
  const ports = pulumi
    .all([wanted.ports, chosen])
    .apply(([given = [], external]) =>
      given.map((one) => (one.external === port ? { ...one, external } : one)),
    );
  return { final: { ...wanted, labels, ports }, port: chosen };
}

function environment(
  plain: Readonly<Record<string, pulumi.Input<string>>>,
  secret: Readonly<Record<string, pulumi.Input<string>>> = {},
): pulumi.Output<string>[] {
  return [
    ...Object.entries(plain).map(([key, value]) => pulumi.interpolate`${key}=${value}`),
    ...Object.entries(secret).map(([key, value]) => pulumi.secret(pulumi.interpolate`${key}=${value}`)),
  ];
}
