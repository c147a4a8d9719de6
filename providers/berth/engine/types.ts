export interface Connection {
  readonly host: string;
  readonly port?: number;
  readonly user: string;
  readonly privateKey: string;
  readonly hostKey: string;
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
}
