import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerRuntime } from "./containerRuntime.js";
import { mebibytes } from "./quantity.js";
import { type Transform, transformed } from "./transform.js";

export interface ReplicaArgs {
  /** The engine that runs it. Changing it: the replica is created on the new machine, then deleted on the old one. */
  runtime: ContainerRuntime;
  /** Port on the machine's address. Changing it: replace. */
  port: number;
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
  transform?: { container?: Transform<docker.ContainerArgs> };
}

/** Where a replica answers. */
export interface Endpoint {
  readonly replica: string;
  readonly machine: string;
  readonly address: string;
  readonly port: number;
}

/** Replicas of one container, each on the engine that it was placed on. */
export class Service extends pulumi.ComponentResource {
  /** Known in the preview. */
  readonly endpoints: readonly Endpoint[];
  /** The containers' ids, by replica. */
  readonly containerIds: pulumi.Output<Record<string, string>>;
  readonly nodes: { readonly containers: Readonly<Record<string, docker.Container>> };

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:Service", name, {}, opts);
    const containers: Record<string, docker.Container> = {};
    const endpoints: Endpoint[] = [];
    for (const [key, replica] of Object.entries(args.replicas)) {
      const { machine } = replica.runtime;
      const identity = { BERTH_SERVICE: name, BERTH_REPLICA: key, BERTH_MACHINE: machine.name };
      containers[key] = new docker.Container(
        ...transformed(
          args.transform?.container,
          key,
          {
            image: replica.runtime.pull(name, args.image).imageId,
            ports: [{ internal: args.port, external: replica.port, ip: machine.address, protocol: "tcp" }],
            envs: environment({ ...identity, ...args.env }, args.secretEnv),
            labels: Object.entries({
              "berth.service": name,
              "berth.replica": key,
              "berth.stack": pulumi.getStack(),
            }).map(([label, value]) => ({ label, value })),
            restart: args.restart ?? "unless-stopped",
            securityOpts: ["no-new-privileges:true"],
            destroyGraceSeconds: args.stopGraceSeconds ?? 10,
            ...(args.command && { command: args.command }),
            ...(args.memory !== undefined && { memory: mebibytes(args.memory) }),
            ...(args.cpus !== undefined && { cpus: String(args.cpus) }),
          } as docker.ContainerArgs,
          replica.runtime.resident(this),
        ),
      );
      endpoints.push({
        replica: key,
        machine: machine.name,
        address: machine.address,
        port: replica.port,
      });
    }
    this.endpoints = endpoints;
    this.nodes = { containers };
    this.containerIds = pulumi.output(
      Object.fromEntries(Object.entries(containers).map(([key, container]) => [key, container.id])),
    );
    this.registerOutputs({ endpoints, containerIds: this.containerIds });
  }
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
