import type { DomainRef } from "../../virsh/presenceOf.js";

export interface Connection {
  readonly host: string;
  readonly port?: number;
  readonly user: string;
  readonly privateKey: string;
  readonly hostKey: string;
  readonly domain?: DomainRef;
}

/** The inputs of a DockerEngine with its defaults filled in. */
export interface EngineInputs {
  readonly connection: Connection;
  readonly machine: string;
  readonly daemon: Readonly<Record<string, unknown>>;
  readonly certificates: Readonly<Record<string, string>>;
  readonly package: string;
  readonly consoleLog?: string;
  readonly bootTimeout: string;
  /** Words by which the machine was taken back to snapshots. */
  readonly reverted?: readonly string[];
}

export interface EngineState {
  readonly version: string;
  readonly machineId: string;
  readonly engineId: string;
  /** Whether the service runs. False only after a refresh that found it stopped. */
  readonly running: boolean;
  /** Whether the service starts at boot. */
  readonly enabled: boolean;
  /** Whether the connecting user may use Docker's socket. */
  readonly access: boolean;
  /** Whether Docker's own work gives way to containers where both want processors. */
  readonly yields: boolean;
  /** Whether connections that wait at a program that ends go to another one on its port, where the kernel can do that. */
  readonly handsOver: boolean;
  /** The words in `reverted` when it was made; none in what older versions made. */
  readonly takenBack?: readonly string[];
}
