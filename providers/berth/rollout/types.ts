import type { DockerTarget } from "../../connection/index.js";

export interface RolloutInputs {
  /** The service's name, for messages. */
  readonly service: string;
  /** `enter`: new servers come and then old ones go; `leave`: old ones go before there are new ones. */
  readonly way: "enter" | "leave";
  /** The `run` of the rollout by which the replicas have left. */
  readonly left?: string;
  readonly balancers: readonly BalancerInputs[];
  readonly replicas: Readonly<Record<string, ReplicaInputs>>;
  /** Labels that all containers of the service have. */
  readonly labels: Readonly<Record<string, string>>;
  /** Percent of requests that the new servers get in each stage before they get all. */
  readonly shares: readonly number[];
  /** How long each stage lasts. */
  readonly hold: string;
  readonly check: CheckInputs;
  /** Containers that no load balancer sends requests to any more are stopped. */
  readonly stopOld: boolean;
  /** From SIGTERM to SIGKILL. */
  readonly stopGraceSeconds: number;
}

export interface BalancerInputs {
  readonly docker: DockerTarget;
  /** Labels of its HAProxy containers; while its image changes there are two. */
  readonly labels: Readonly<Record<string, string>>;
  readonly path: string;
  readonly backend: string;
  /** The line of each replica's server, e.g. `server web-1-81 192.0.2.1:81 check`. */
  readonly servers: Readonly<Record<string, string>>;
}

export interface ReplicaInputs {
  /** Where it is to answer, e.g. `192.0.2.1:81`: a container that publishes another address is an old one. */
  readonly endpoint: string;
  /** Its container; none while it is yet to be made. */
  readonly container?: string;
  /** The engines that a container of it may run on: where it is to be, and where it was. */
  readonly engines: readonly DockerTarget[];
}

/** What a stage is judged by, beside HAProxy's own checks of the new servers. */
export interface CheckInputs {
  /** Asked of each new server, once a second; three failures in a row fail it. Default: nothing is asked. */
  readonly path?: string;
  /** Default 200. */
  readonly status?: number;
  /** Until the probe's answer is there. Default `2s`. */
  readonly timeout?: string;
  /** Most answers of the new servers with a status of 500 or more, in percent. */
  readonly errorPercent?: number;
  /** Most that the new servers' answers may take in the mean, until their headers are there. */
  readonly responseTime?: string;
  /** Fewer requests than these don't decide. Default 20. */
  readonly minRequests?: number;
}
