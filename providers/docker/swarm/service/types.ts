import type * as docker from "@pulumi/docker";
import type { Plain } from "../../plain.js";

export type ServiceInputs = Plain<docker.ServiceArgs>;
type Inner = docker.types.input.ServiceTaskSpec;
export type TaskSpec = Plain<Inner>;
export type ContainerSpec = Plain<docker.types.input.ServiceTaskSpecContainerSpec>;
/** Updating and rolling back are told in the same words. */
export type RolloutConfig = Plain<docker.types.input.ServiceUpdateConfig>;

/** What "inspect a service" answers. */
export interface EngineService {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
  readonly Endpoint?: { readonly Ports?: readonly Record<string, unknown>[] | null };
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string };
  /** Only in a list that was asked for it. */
  readonly ServiceStatus?: { readonly RunningTasks: number; readonly DesiredTasks: number };
}

export interface ServiceSpec extends Record<string, any> {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly TaskTemplate: Record<string, any>;
}

/** What "list tasks" answers. */
export interface Task {
  readonly ID: string;
  readonly Slot?: number;
  readonly CreatedAt: string;
  readonly DesiredState: string;
  readonly Spec: { readonly ContainerSpec?: unknown; readonly ForceUpdate?: number };
  readonly Status: {
    readonly State: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number };
  };
}
