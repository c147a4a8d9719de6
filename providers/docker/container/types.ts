import type * as docker from "@pulumi/docker";
import type Docker from "dockerode";
import type { Plain } from "../plain.js";

export type ContainerInputs = Plain<docker.ContainerArgs>;

export type HostConfig = Docker.HostConfig & {
  CgroupnsMode?: string;
  Annotations?: Record<string, string>;
};

/** The body of "create a container" in the Engine API. */
export interface CreateBody extends Omit<Docker.ContainerCreateOptions, "HostConfig" | "name" | "platform"> {
  HostConfig: HostConfig;
  Labels: Record<string, string>;
}

/** What "inspect a container" answers, with what dockerode's types leave out. */
export type Inspect = Omit<Docker.ContainerInspectInfo, "Config" | "HostConfig"> & {
  Config: Docker.ContainerInspectInfo["Config"] & {
    StopSignal?: string;
    StopTimeout?: number;
    Healthcheck?: HealthConfig;
  };
  HostConfig: HostConfig;
};

export interface HealthConfig {
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

/** The part of an image's configuration that a container inherits. */
export interface ImageConfig {
  Cmd?: string[] | null;
  Entrypoint?: string[] | null;
  Env?: string[] | null;
  Labels?: Record<string, string> | null;
  User?: string;
  WorkingDir?: string;
  StopSignal?: string;
  Healthcheck?: HealthConfig | null;
}

/** What changing an argument does: a new container, the Engine API's own update, or nothing but this plugin's conduct. */
export type Effect = "replace" | "in place" | "conduct";

/** One argument of `docker.Container`. */
export interface Argument<V> {
  /** Where it goes, in the words of the Engine API. */
  readonly api: string;
  readonly effect: Effect;
  /** Puts a given value into the body. */
  write?(value: NonNullable<V>, body: CreateBody, inputs: ContainerInputs): void;
  /** The value that would describe a container as it is; undefined where it is Docker's or the image's default. */
  read?(live: Inspect, image: ImageConfig): V | undefined;
  /** Can be changed by others while the container lives: looked at on every refresh. */
  readonly drifts?: boolean;
  /** The order of the list says nothing. */
  readonly unordered?: boolean;
  /** The same value however it was written, with Docker's defaults filled in; unset too. Default: the value itself. */
  canonical?(value: V | undefined): unknown;
  /** For "in place": whether the Engine API can get from one to the other. Default: it can. */
  reachable?(after: V | undefined): boolean;
}

export type ArgumentTable<K extends keyof ContainerInputs> = {
  readonly [P in K]-?: Argument<ContainerInputs[P]>;
};
