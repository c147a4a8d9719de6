import * as pulumi from "@pulumi/pulumi";
import type { DockerTargetArgs } from "./haproxyConfig.js";

export interface RolloutArgs {
  /** The service's name, for messages and as the Host of probes. */
  service: pulumi.Input<string>;
  /**
   * `enter`: new servers come and then old ones go; `leave`: old ones go, and their containers stop, before there are new ones.
   * Default `enter`. Changing it: nothing happens before the servers change.
   */
  way?: pulumi.Input<"enter" | "leave">;
  /** The `run` of the rollout by which its replicas have left: they enter again whenever they have. Default: none. */
  left?: pulumi.Input<string>;
  /** The load balancers that send requests to the service. Changing a server: in place, as a rollout. */
  balancers: pulumi.Input<pulumi.Input<RolloutBalancerArgs>[]>;
  /** The replicas that take part, by key. Changing it: in place. */
  replicas: pulumi.Input<Record<string, pulumi.Input<RolloutReplicaArgs>>>;
  /** Labels that all containers of the service have. Changing it: nothing happens. */
  labels: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Percent of the requests for the new servers in each stage before they get all, rising, e.g. `[5, 25]`. Default: none. */
  shares?: pulumi.Input<pulumi.Input<number>[]>;
  /** How long each stage lasts, e.g. `1m`. Default `30s`. */
  hold?: pulumi.Input<string>;
  /** What a stage is judged by, beside HAProxy's own checks. Default: nothing more. */
  check?: pulumi.Input<RolloutCheckArgs>;
  /** Stop old containers at once, as no requests go there any more, instead of at the update's end. Default: no. */
  stopOld?: pulumi.Input<boolean>;
  /** From SIGTERM to SIGKILL, in seconds. Default 10. */
  stopGraceSeconds?: pulumi.Input<number>;
}

export interface RolloutBalancerArgs {
  /** The engine that runs HAProxy's container. */
  docker: pulumi.Input<DockerTargetArgs>;
  /** Labels by which the container is found. */
  labels: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Path of its configuration. Default `/etc/haproxy/haproxy.cfg`. */
  path?: pulumi.Input<string>;
  /** Name of the service's backend. */
  backend: pulumi.Input<string>;
  /** The line of each replica's server, e.g. `server web-1-81 192.0.2.1:81 check`; its name is the replica's key and a port. */
  servers: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

export interface RolloutReplicaArgs {
  /** Where it is to answer, e.g. `192.0.2.1:81`: a container that publishes another address is an old one. */
  endpoint: pulumi.Input<string>;
  /** Id of its container; left out where that is yet to be made. */
  container?: pulumi.Input<string>;
  /** The engines that may run a container of it: where it is to be, and where it was. */
  engines: pulumi.Input<pulumi.Input<DockerTargetArgs>[]>;
}

export interface RolloutCheckArgs {
  /** Path that is asked of each new server once a second; three failures in a row fail the stage. Default: none. */
  path?: pulumi.Input<string>;
  /** Status that it must have. Default 200. */
  status?: pulumi.Input<number>;
  /** Limit of one probe. Default `2s`. */
  timeout?: pulumi.Input<string>;
  /** Most answers of new servers with a status of 500 or more, in percent, by HAProxy's figures. Default: no limit. */
  errorPercent?: pulumi.Input<number>;
  /** Most that the mean answer may take until its headers are there, by HAProxy's figures, e.g. `300ms`. Default: no limit. */
  responseTime?: pulumi.Input<string>;
  /** Requests below which the figures decide nothing. Default 20. */
  minRequests?: pulumi.Input<number>;
}

/**
 * A service's replicas on their way from one generation to the next, in every load balancer that runs: after the new containers are
 * made, and before the engine deletes the old ones. Where a new server does not come up or a stage fails, the old ones have all
 * requests again, and the update fails with the reason.
 */
export class Rollout extends pulumi.CustomResource {
  /** Another one each time that it is carried out. */
  declare readonly run: pulumi.Output<string>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.CustomResourceOptions) {
    super("berth:index:Rollout", name, { ...args, run: undefined }, opts);
  }
}
