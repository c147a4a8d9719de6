import type { Duplex, Readable } from "node:stream";
import {
  abortable,
  connectDocker,
  type DockerConnection,
  type DockerTarget,
} from "../../connection/index.js";
import { EngineError } from "./engineError.js";

export interface EngineRequest {
  readonly signal: AbortSignal;
  /** Undefined members are left out, objects are sent as JSON. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent as it is, as a tar file. */
  readonly file?: Buffer | Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

type Method = "GET" | "POST" | "PUT" | "DELETE" | "HEAD";

interface Modem {
  dial(options: object, done: (error: (Error & Failure) | null, data: unknown) => void): void;
}

interface Failure {
  statusCode?: number;
  json?: { message?: string } | Buffer | null;
}

const successes = { 200: true, 201: true, 204: true, 304: true };

/**
 * Calls of the Docker Engine API, for all resources of one provider. Connects on the first call. Rejects with
 * {@link EngineError} where the engine refuses, with DockerUnreachableError where it can't be asked, and with the
 * signal's reason on an abort.
 */
export class Engine {
  #connection: DockerConnection | undefined;

  constructor(readonly target: DockerTarget) {}

  call<T = unknown>(method: Method, path: string, request: EngineRequest): Promise<T> {
    return this.#send(method, path, request, false) as Promise<T>;
  }

  /** An answer read piece by piece. Iterating over it fails where it breaks off. */
  stream(method: Method, path: string, request: EngineRequest): Promise<Readable> {
    return this.#send(method, path, request, true) as Promise<Readable>;
  }

  /** The minor version of Engine API 1 that is spoken with the engine. */
  async apiMinor(signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    this.#connection ??= connectDocker(this.target);
    const version = await abortable(this.#connection.version(), signal);
    return Number(version.split(".")[1]);
  }

  /** A stream to the engine, for a program that speaks to it itself. */
  dial(signal: AbortSignal): Promise<Duplex> {
    signal.throwIfAborted();
    this.#connection ??= connectDocker(this.target);
    return abortable(this.#connection.dial(), signal);
  }

  /** The stream that a connection is after the engine has agreed to speak another protocol on it. */
  async upgrade(
    path: string,
    protocol: string,
    headers: Readonly<Record<string, string | readonly string[]>>,
    signal: AbortSignal,
  ): Promise<Duplex> {
    signal.throwIfAborted();
    this.#connection ??= connectDocker(this.target);
    try {
      return await this.#connection.upgrade(path, protocol, headers, signal);
    } catch (error) {
      throw asEngineError(error as Error & Failure);
    }
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #send(method: Method, path: string, request: EngineRequest, isStream: boolean): Promise<unknown> {
    request.signal.throwIfAborted();
    this.#connection ??= connectDocker(this.target);
    const modem = this.#connection.docker.modem as Modem;
    const { file, headers } = asFile(method, request);
    const answer = new Promise<unknown>((resolve, reject) => {
      modem.dial(
        {
          path: `${path}?`,
          method,
          isStream,
          statusCodes: successes,
          abortSignal: request.signal,
          ...(headers && { headers: { ...headers } }),
          ...(file && { file }),
          options: { _query: given(request.query), _body: request.body ?? {} },
        },
        (error, data) => (error ? reject(asEngineError(error)) : resolve(data)),
      );
    });
    try {
      return await abortable(answer, request.signal);
    } catch (error) {
      request.signal.throwIfAborted();
      throw error;
    }
  }
}

/** docker-modem sends JSON with POST only: to PUT it is a file. */
function asFile(
  method: Method,
  { file, headers, body }: EngineRequest,
): Pick<EngineRequest, "file" | "headers"> {
  if (method !== "PUT" || body === undefined) return { ...(file && { file }), ...(headers && { headers }) };
  return {
    file: Buffer.from(JSON.stringify(body)),
    headers: { ...headers, "Content-Type": "application/json" },
  };
}

function given(query: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

function asEngineError(error: Error & Failure): Error {
  if (error.statusCode === undefined) return error;
  const { json } = error;
  const message = json && !Buffer.isBuffer(json) && json.message;
  // docker-modem's own words before the engine's.
  const text = message || error.message.replace(/^\(HTTP code \d+\) [^-]*- /, "").trim();
  return new EngineError(error.statusCode, text);
}
