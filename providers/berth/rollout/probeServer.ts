import { get } from "node:http";

export interface Probe {
  /** `192.0.2.1:80`. */
  readonly address: string;
  readonly path: string;
  /** Value of the Host header. */
  readonly host: string;
  readonly status: number;
  readonly timeoutMs: number;
}

/** Asks a server once over HTTP; gives what is wrong with its answer, or `undefined`. */
export function probeServer(probe: Probe, signal: AbortSignal): Promise<string | undefined> {
  const { address, path, host, status, timeoutMs } = probe;
  const [hostname, port] = address.split(":");
  return new Promise((resolve) => {
    const request = get(
      {
        hostname,
        port,
        path,
        headers: { host },
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      },
      (answer) => {
        answer.on("error", ({ message }) => resolve(message)).resume();
        answer.on("end", () =>
          resolve(
            answer.statusCode === status
              ? undefined
              : `${answer.statusCode} ${answer.statusMessage ?? ""}`.trim(),
          ),
        );
      },
    );
    request.on("error", ({ name, message }) =>
      resolve(
        name === "TimeoutError" || name === "AbortError" ? `no answer within ${timeoutMs} ms` : message,
      ),
    );
  });
}
