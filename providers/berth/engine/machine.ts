import { connectSsh, type ExecResult, type SshConnection } from "../../connection/index.js";
import { lookScript } from "./lookScript.js";
import { type MachineFacts, machineFacts } from "./machineFacts.js";
import { runAsRoot } from "./runAsRoot.js";
import type { Connection } from "./types.js";

/** A machine over SSH: what it takes to look at it and to run scripts on it. */
export class Machine {
  /** How messages name it. */
  readonly where: string;
  #ssh: SshConnection;

  constructor(readonly connection: Connection) {
    this.where = `machine ${connection.host}`;
    this.#ssh = this.#connect();
  }

  get ssh(): SshConnection {
    return this.#ssh;
  }

  /** @param waitSeconds how long to wait, on the machine, for the end of its first boot. */
  async look(waitSeconds: number, signal: AbortSignal): Promise<MachineFacts> {
    const { stdout, stderr, code } = await this.root(lookScript(waitSeconds), signal);
    if (code !== 0)
      throw new Error(`${this.where}: could not be examined: ${stderr.trim() || `exit code ${code}`}`);
    return machineFacts(stdout);
  }

  root(script: string, signal: AbortSignal): Promise<ExecResult> {
    return runAsRoot(this.#ssh, this.where, script, signal);
  }

  /** Logs in anew: a session keeps the groups that its user had when it began. */
  reconnect(): void {
    this.#ssh.close();
    this.#ssh = this.#connect();
  }

  close(): void {
    this.#ssh.close();
  }

  #connect(): SshConnection {
    const { hostKey, ...rest } = this.connection;
    return connectSsh({ ...rest, hostKeys: [hostKey] });
  }
}
