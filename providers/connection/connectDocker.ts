import Docker from "dockerode";
import { DialAgent } from "./dialAgent.js";
import { dockerDial } from "./dockerDial.js";
import { DockerUnreachableError } from "./dockerUnreachableError.js";
import { negotiateVersion } from "./negotiateVersion.js";
import type { DockerConnection, DockerTarget } from "./types.js";
import { upgradeRequest } from "./upgradeRequest.js";

type Done = (error: Error | null, data?: unknown) => void;

/** The part of docker-modem that is wrapped; dockerode's types keep it as `any`. */
interface Modem {
  version?: string;
  dial(options: object, done: Done): void;
}

/**
 * A Docker client for a unix socket, `ssh://` (over the process's one SSH connection to that machine, with its host
 * key pinned) or `tcp://`. Nothing is opened before the first request; the API version is agreed upon then. A request
 * that gets no answer of the engine fails with {@link DockerUnreachableError}; an answer such as 404 is dockerode's own
 * error with its `statusCode`. Mistakes in the address throw at once.
 */
export function connectDocker(target: DockerTarget): DockerConnection {
  const { dial, close } = dockerDial(target);
  const agent = new DialAgent(dial);
  const options = {
    agent,
    protocol: "http" as const,
    host: "http://docker",
    // What is not named here docker-modem would take from DOCKER_HOST and its companions.
    port: 80,
    socketPath: undefined,
    username: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
    pathPrefix: "/",
  };
  const docker = new Docker(options);
  const modem = docker.modem as Modem;
  const send = modem.dial.bind(modem);
  let negotiated: Promise<string> | undefined;

  const version = (): Promise<string> => {
    negotiated ??= negotiateVersion(agent).catch((error: unknown) => {
      negotiated = undefined;
      throw error;
    });
    return negotiated;
  };
  modem.dial = (request, done) => {
    const fail = (error: unknown) => done(asUnreachable(target.host, error));
    version().then((agreed) => {
      modem.version = agreed;
      send(request, (error, data) => (error ? fail(error) : done(null, data)));
    }, fail);
  };
  return {
    docker,
    dial,
    version: () =>
      version().catch((error: unknown) => {
        throw asUnreachable(target.host, error);
      }),
    upgrade: (path, protocol, headers, signal) =>
      upgradeRequest(agent, path, protocol, headers, signal).catch((error: unknown) => {
        if (signal.aborted) throw signal.reason;
        throw asUnreachable(target.host, error);
      }),
    close() {
      agent.destroy();
      close();
    },
  };
}

/** An answer of the engine stays what it is; so does the reason of an abort. All else means that it was not reached. */
function asUnreachable(host: string, error: unknown): Error {
  const failure = error instanceof Error ? error : new Error(String(error));
  if ("statusCode" in failure || failure.name === "AbortError" || failure instanceof DockerUnreachableError) {
    return failure;
  }
  return new DockerUnreachableError(host, explain(failure as NodeJS.ErrnoException), { cause: failure });
}

function explain(error: NodeJS.ErrnoException): string {
  const dialling = error.syscall === "connect";
  if (dialling && (error.code === "ENOENT" || error.code === "ECONNREFUSED")) {
    return `${error.message}. Docker is not running there.`;
  }
  if (dialling && error.code === "EACCES") {
    return `${error.message}. The present user may not use the socket (is it in the group docker?).`;
  }
  if (error.code === "ECONNRESET") return "the connection was lost before the engine had answered in full.";
  return error.message;
}
