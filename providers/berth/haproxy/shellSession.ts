import { randomUUID } from "node:crypto";
import { PassThrough } from "node:stream";
import type { Container } from "dockerode";

export interface ScriptResult {
  readonly code: number;
  /** Both streams, in order of arrival. */
  readonly output: string;
}

/** No shell runs in the container. */
export class ShellEndedError extends Error {
  override readonly name = "ShellEndedError";
}

/** So that the program goes first that the container is for; under full load a tenth of its share is left for scripts. */
const niceness = 10;

/** A shell in a container, which reads scripts from its standard input: no other process sees what they hold. */
export class ShellSession {
  readonly #mark = randomUUID();
  readonly #end = new RegExp(`${this.#mark} (\\d+)\\n`);
  readonly #running: {
    readonly done: (result: ScriptResult) => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  #heard = "";
  ended = false;

  private constructor(
    private readonly stream: NodeJS.ReadWriteStream,
    container: Container,
  ) {
    const both = new PassThrough();
    container.modem.demuxStream(stream, both, both);
    both.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    stream.on("end", () => both.end()).on("error", () => both.end());
    both.on("end", () => this.#close());
    // Where an image has no such program, it stays as it is.
    stream.write(`renice -n ${niceness} -p $$ >/dev/null 2>&1\n`);
  }

  static async open(container: Container, user: string): Promise<ShellSession> {
    const exec = await container.exec({
      Cmd: ["sh"],
      User: user,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true }).catch((error: Error) => {
      throw withoutShell.test(error.message) ? new ShellEndedError(noShell) : error;
    });
    return new ShellSession(stream, container);
  }

  run(script: string): Promise<ScriptResult> {
    return new Promise((done, fail) => {
      this.#running.push({ done, fail });
      if (this.ended) this.#close();
      // In a shell of its own, so that it can't end this one, and without what this one reads.
      else this.stream.write(`(\n${script}\n) </dev/null 2>&1\nprintf '%s %s\\n' ${this.#mark} "$?"\n`);
    });
  }

  close(): void {
    this.stream.end();
  }

  #hear(text: string): void {
    this.#heard += text;
    for (let found = this.#end.exec(this.#heard); found; found = this.#end.exec(this.#heard)) {
      const output = this.#heard.slice(0, found.index);
      this.#heard = this.#heard.slice(found.index + found[0].length);
      this.#running.shift()?.done({ code: Number(found[1]), output });
    }
  }

  #close(): void {
    this.ended = true;
    const words = this.#heard.trim();
    const message = withoutShell.test(words) ? noShell : words || "the shell in its container has ended";
    for (const { fail } of this.#running.splice(0)) fail(new ShellEndedError(message));
  }
}

/** Docker's words; older engines refuse the start with them, others print them. */
const withoutShell = /executable file not found/;
const noShell = "its image has no shell";
