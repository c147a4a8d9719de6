import { PassThrough } from "node:stream";
import type { Container } from "dockerode";
import { abortable } from "../../connection/index.js";
import { RuntimeCommands, RuntimeUnreachableError } from "./runtimeCommands.js";

/**
 * Many questions to HAProxy at the cost of one program that is started in its container. Starting one takes the machine as much of a
 * processor as dozens of its requests, and whoever waits asks several times a second.
 */
export class RuntimeConversation extends RuntimeCommands {
  /** Oldest first. One who has given up still gets the answer, so that the next does not. */
  readonly #asking: { readonly answer: (text: string) => void; readonly fail: (error: Error) => void }[] = [];
  #heard = "";
  #ended = false;

  private constructor(
    private readonly stream: NodeJS.ReadWriteStream,
    private readonly mark: string,
    container: Container,
  ) {
    super();
    const both = new PassThrough();
    container.modem.demuxStream(stream, both, both);
    both.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    stream.on("end", () => both.end()).on("error", () => both.end());
    both.on("end", () => this.#end());
  }

  /**
   * @param command answers each line that it reads, and then prints the mark on a line of its own
   */
  static async open(
    container: Container,
    command: readonly string[],
    mark: string,
    signal: AbortSignal,
  ): Promise<RuntimeConversation> {
    const exec = await container.exec({
      Cmd: [...command],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      abortSignal: signal,
    });
    const stream = await exec.start({ hijack: true, stdin: true, abortSignal: signal });
    return new RuntimeConversation(stream, mark, container);
  }

  override ask(commands: string, signal: AbortSignal): Promise<string> {
    const answer = new Promise<string>((resolve, reject) => {
      this.#asking.push({ answer: resolve, fail: reject });
      if (this.#ended) this.#end();
      else this.stream.write(`${commands}\n`);
    });
    return abortable(answer, signal);
  }

  /** The program in the container ends when it reads no more. */
  close(): void {
    this.stream.end();
  }

  #hear(text: string): void {
    this.#heard += text;
    const mark = `${this.mark}\n`;
    for (let end = this.#heard.indexOf(mark); end >= 0; end = this.#heard.indexOf(mark)) {
      this.#asking.shift()?.answer(this.#heard.slice(0, end));
      this.#heard = this.#heard.slice(end + mark.length);
    }
  }

  #end(): void {
    this.#ended = true;
    const words = this.#heard.trim() || "what asks it has ended";
    for (const { fail } of this.#asking.splice(0)) fail(new RuntimeUnreachableError(words));
  }
}
