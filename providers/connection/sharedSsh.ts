import { constants } from "node:os";
import type { Duplex } from "node:stream";
import { setTimeout } from "node:timers/promises";
import type { Client, ClientChannel } from "ssh2";
import { abortable } from "./abortable.js";
import { Limiter } from "./limiter.js";
import { describeTarget, openSshClient } from "./openSshClient.js";
import { type ExecResult, SshError, type SshTarget } from "./types.js";

/** Below sshd's default MaxSessions of 10. Forwarded sockets do not count there, but a bound spares a small machine. */
const maxSessions = 8;
const maxForwards = 64;
/** sshd counts a session as open for a moment after it has told its end. */
const sessionTries = 10;
const sessionRetryMs = 100;
/** RFC 4254, 5.1; what sshd answers where MaxSessions is reached. */
const connectFailed = 2;

type Open = (client: Client, done: (error: Error | undefined, channel: ClientChannel) => void) => void;

/** The one connection to a target: opened by the first call, opened anew by the next call after it broke. */
export class SharedSsh {
  readonly #sessions = new Limiter(maxSessions);
  readonly #forwards = new Limiter(maxForwards);
  #connecting: Promise<Client> | undefined;

  constructor(readonly target: SshTarget) {}

  async exec(
    command: string,
    { signal, stdin }: { signal: AbortSignal; stdin?: string | Buffer },
  ): Promise<ExecResult> {
    const channel = await this.session(command, signal);
    return new Promise<ExecResult>((resolve, reject) => {
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      let code: number | undefined;
      const stop = () => {
        channel.signal("TERM");
        channel.close();
        reject(signal.reason);
      };
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop, { once: true });
      channel.on("data", (chunk: Buffer) => stdout.push(chunk));
      channel.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      channel.on("exit", (exit: number | null, name?: string) => {
        code = exit ?? 128 + (constants.signals[name as NodeJS.Signals] ?? 0);
      });
      channel.on("error", (error: Error) => reject(this.#lost("while a command ran", error)));
      channel.on("close", () => {
        signal.removeEventListener("abort", stop);
        if (code === undefined) reject(this.#lost("while a command ran"));
        else resolve({ code, stdout: text(stdout), stderr: text(stderr) });
      });
      channel.end(stdin);
    });
  }

  /** A running command's channel: its standard input and output. */
  async session(command: string, signal: AbortSignal): Promise<ClientChannel> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#open(this.#sessions, signal, (client, done) => client.exec(command, done));
      } catch (error) {
        const refused = (error as { reason?: unknown }).reason === connectFailed;
        if (!refused || tries === sessionTries) throw error;
        await abortable(setTimeout(sessionRetryMs), signal);
      }
    }
  }

  forward(path: string, signal: AbortSignal): Promise<Duplex> {
    return this.#open(this.#forwards, signal, (client, done) =>
      client.openssh_forwardOutStreamLocal(path, done),
    );
  }

  close(): void {
    const connecting = this.#connecting;
    this.#connecting = undefined;
    connecting?.then(
      (client) => client.end(),
      () => {},
    );
  }

  async #open(limiter: Limiter, signal: AbortSignal, open: Open): Promise<ClientChannel> {
    const leave = await limiter.enter(signal);
    try {
      const channel = await this.#openOnce(signal, open).catch((error: unknown) => {
        // The connection broke unnoticed: nothing was sent, so trying once more on a new one is safe.
        if (error instanceof SshError && error.kind === "closed") return this.#openOnce(signal, open);
        throw error;
      });
      channel.once("close", leave);
      return channel;
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #openOnce(signal: AbortSignal, open: Open): Promise<ClientChannel> {
    const connecting = this.#client();
    const client = await abortable(connecting, signal);
    const opening = new Promise<ClientChannel>((resolve, reject) => {
      const lost = () => reject(this.#lost("while a channel was opened"));
      client.once("close", lost);
      const done = (error: Error | undefined, channel: ClientChannel) => {
        client.removeListener("close", lost);
        if (error) reject(error);
        else resolve(channel);
      };
      try {
        open(client, done);
      } catch (error) {
        client.removeListener("close", lost);
        this.#forget(connecting);
        reject(this.#lost("before the call", error as Error));
      }
    });
    try {
      return await abortable(opening, signal);
    } catch (error) {
      if (signal.aborted) opening.then((channel) => channel.close()).catch(() => {});
      throw error;
    }
  }

  #client(): Promise<Client> {
    if (this.#connecting) return this.#connecting;
    const connecting = openSshClient(this.target);
    this.#connecting = connecting;
    connecting.then(
      (client) => {
        client.setMaxListeners(0);
        // Unheard, an error event would end the process; "close" follows and says all that is needed.
        client.on("error", () => {});
        client.once("close", () => this.#forget(connecting));
      },
      () => this.#forget(connecting),
    );
    return connecting;
  }

  #forget(connecting: Promise<Client>): void {
    if (this.#connecting === connecting) this.#connecting = undefined;
  }

  #lost(when: string, cause?: Error): SshError {
    const message = `${describeTarget(this.target)}: the SSH connection was lost ${when}.`;
    return new SshError(message, "closed", cause && { cause });
  }
}

function text(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
