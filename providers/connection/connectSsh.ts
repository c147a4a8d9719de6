import { createHash } from "node:crypto";
import { SharedSsh } from "./sharedSsh.js";
import { type SshConnection, SshError, type SshTarget } from "./types.js";

interface Entry {
  readonly ssh: SharedSsh;
  users: number;
}

const connections = new Map<string, Entry>();

/** A handle on the process's one connection to a target, with the command channel that the Docker dialler needs. */
export interface SshHandle extends SshConnection {
  /** A command's standard input and output as a stream. */
  openCommand(command: string, signal: AbortSignal): Promise<import("node:stream").Duplex>;
}

/**
 * A handle on the connection to a machine. All handles on the same target share one connection: it is opened by the
 * first call, checked against the pinned host keys, kept alive, opened again by the next call after a loss, and closed
 * with the last handle. Errors are {@link SshError}s; an aborted call rejects with its signal's reason.
 */
export function connectSsh(target: SshTarget): SshHandle {
  const key = createHash("sha256").update(JSON.stringify(target)).digest("hex");
  const entry = connections.get(key) ?? { ssh: new SharedSsh(target), users: 0 };
  connections.set(key, entry);
  entry.users++;
  let closed = false;
  const ssh = (): SharedSsh => {
    if (closed) throw new SshError(`${target.host}: this connection was closed here.`, "closed");
    return entry.ssh;
  };
  return {
    exec: async (command, options) => ssh().exec(command, options),
    openUnixSocket: async (path, signal) => ssh().forward(path, signal),
    openCommand: async (command, signal) => ssh().session(command, signal),
    close() {
      if (closed) return;
      closed = true;
      if (--entry.users > 0) return;
      connections.delete(key);
      entry.ssh.close();
    },
  };
}
