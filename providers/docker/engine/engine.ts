import type { Readable } from "node:stream";
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

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #send(method: Method, path: string, request: EngineRequest, isStream: boolean): Promise<unknown> {
    request.signal.throwIfAborted();
    this.#connection ??= connectDocker(this.target);
    const modem = this.#connection.docker.modem as Modem;
    const answer = new Promise<unknown>((resolve, reject) => {
      modem.dial(
        {
          path: `${path}?`,
          method,
          isStream,
          statusCodes: successes,
          abortSignal: request.signal,
          ...(request.headers && { headers: { ...request.headers } }),
          ...(request.file && { file: request.file }),
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

function given(query: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

function asEngineError(error: Error & Failure): Error {
  if (error.statusCode === undefined) return error;
  const { json } = error;
  const message = json && !Buffer.isBuffer(json) && json.message;
  return new EngineError(error.statusCode, message || error.message);
}
