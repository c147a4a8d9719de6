import { request } from "node:http";
import type { Duplex } from "node:stream";
import type { SshConnection } from "../../connection/index.js";

const socket = "/run/docker.sock";

/**
 * A few questions to a machine's Docker over its own socket: on an emulated machine, starting Docker's command line takes
 * seconds.
 */
export class EngineApi {
  constructor(private readonly ssh: SshConnection) {}

  /** Docker's answer to a question, e.g. `/version`. */
  async get(path: string, signal: AbortSignal): Promise<Record<string, any>> {
    let text = "";
    await this.#ask(path, signal, (chunk) => {
      text += chunk;
      return false;
    });
    return JSON.parse(text) as Record<string, any>;
  }

  /** Waits until Docker reports that it has taken over its configuration, from a moment on (seconds of its own clock). */
  async reloaded(since: number, signal: AbortSignal): Promise<void> {
    const filters = encodeURIComponent(JSON.stringify({ type: ["daemon"], event: ["reload"] }));
    let text = "";
    await this.#ask(`/events?since=${since}&filters=${filters}`, signal, (chunk) => {
      text += chunk;
      return text.includes("\n");
    });
  }

  /** Hands the answer over piece by piece, until `seen` says that it is enough. */
  async #ask(path: string, signal: AbortSignal, seen: (chunk: string) => boolean): Promise<void> {
    const stream = await this.ssh.openUnixSocket(socket, signal);
    try {
      await this.#answer(stream, path, signal, seen);
    } finally {
      stream.destroy();
    }
  }

  #answer(
    stream: Duplex,
    path: string,
    signal: AbortSignal,
    seen: (chunk: string) => boolean,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(signal.aborted ? signal.reason : error);
      const asked = request({ path, host: "docker", signal, createConnection: () => stream }, (response) => {
        response.setEncoding("utf8").on("error", fail);
        let refusal = "";
        response.on("data", (chunk: string) => {
          if (response.statusCode !== 200) refusal += chunk;
          else if (seen(chunk)) resolve();
        });
        response.on("end", () => {
          if (response.statusCode === 200) resolve();
          else fail(new Error(`Docker answered ${response.statusCode} to ${path}: ${refusal.trim()}`));
        });
      });
      asked.on("error", fail).end();
    });
  }
}
