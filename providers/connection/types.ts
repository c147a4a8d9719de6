import type Docker from "dockerode";
import type { DomainRef } from "../virsh/presenceOf.js";

/** Where and how to reach a machine over SSH. The host key is pinned: there is no trust on first use. */
export interface SshTarget {
  readonly host: string;
  /** Default 22. */
  readonly port?: number;
  readonly user: string;
  /** Private key, OpenSSH or PEM text. Without it the ssh-agent at `agent` is asked. */
  readonly privateKey?: string;
  /** Path of the ssh-agent's socket, used where there is no `privateKey`. */
  readonly agent?: string;
  /** Limit for connecting, host key check and log-in together, in milliseconds. Default 30,000. */
  readonly readyTimeoutMs?: number;
  /** The machine's host public keys that are accepted, each `ssh-ed25519 AAAA…`. */
  readonly hostKeys: readonly string[];
  /** The domain that the machine is, for libvirt to say whether it can answer at all. Default: not asked. */
  readonly domain?: DomainRef;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One SSH connection to one machine, shared by all calls of the process; reconnects when it broke. */
export interface SshConnection {
  /**
   * Runs a command through the remote shell. Does not throw on a non-zero exit; a command ended by a signal has code
   * 128 + its number. On an abort the server is asked to end the command, which OpenSSH does for all users but root.
   */
  exec(command: string, options: { signal: AbortSignal; stdin?: string | Buffer }): Promise<ExecResult>;
  /** A stream to a unix socket on the machine. */
  openUnixSocket(path: string, signal: AbortSignal): Promise<import("node:stream").Duplex>;
  close(): void;
}

/**
 * Why a machine could not be reached; `kind` lets a waiting loop tell what is final from what passes. `off` and `gone` are
 * libvirt's word, of a machine whose domain is known.
 */
export class SshError extends Error {
  constructor(
    message: string,
    readonly kind: "unreachable" | "host-key" | "authentication" | "closed" | "off" | "gone",
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "SshError";
  }
}

/** A Docker engine's address in the words of `@pulumi/docker`'s provider. */
export interface DockerTarget {
  /** `unix://…`, `ssh://user@host[:port]` or `tcp://host:port`. */
  readonly host: string;
  /** For `ssh://`: OpenSSH options; read are -i, -p, -l and -o IdentityFile, UserKnownHostsFile, StrictHostKeyChecking, Port, User, ConnectTimeout, and BerthDomain. */
  readonly sshOpts?: readonly string[];
  readonly caMaterial?: string;
  readonly certMaterial?: string;
  readonly keyMaterial?: string;
  readonly certPath?: string;
}

export interface DockerConnection {
  readonly docker: Docker;
  /** A stream to the engine, whatever is spoken on it. */
  dial(): Promise<import("node:stream").Duplex>;
  /** The API version agreed upon with the engine, such as `v1.41`. */
  version(): Promise<string>;
  /** A POST after which the connection speaks another protocol: the stream that it is then. Failures are as those of `docker`. */
  upgrade(
    path: string,
    protocol: string,
    headers: Readonly<Record<string, string | readonly string[]>>,
    signal: AbortSignal,
  ): Promise<import("node:stream").Duplex>;
  close(): void;
}
