import { type ClientHttp2Session, connect, constants } from "node:http2";
import { Unprocessed } from "./unprocessed.js";

/** Requests as streams of one connection over TLS, and of the next one once the server ends that. It trusts every certificate. */
export class Http2Client {
  #session: ClientHttp2Session | undefined;

  constructor(
    private readonly origin: string,
    private readonly limitMs: number,
  ) {}

  /** @throws Unprocessed where the server has refused the stream, so that it may be asked for anew (RFC 9113, 8.7) */
  get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const stream = this.#current().request({ ":path": path });
      let [status, text, isWhole] = [0, "", false];
      let failure: Error | undefined;
      stream.setTimeout(this.limitMs, () => {
        failure = new Error(`no answer within ${this.limitMs / 1000} s`);
        stream.close(constants.NGHTTP2_CANCEL);
      });
      stream.on("response", (headers) => {
        status = Number(headers[":status"]);
      });
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      stream.on("end", () => {
        isWhole = true;
      });
      stream.on("error", (error) => {
        failure ??= error;
      });
      stream.on("close", () => {
        const { rstCode } = stream;
        if (rstCode === constants.NGHTTP2_REFUSED_STREAM) reject(new Unprocessed("refused"));
        else if (failure) reject(failure);
        else if (isWhole && rstCode === constants.NGHTTP2_NO_ERROR) resolve({ status, text });
        else reject(new Error(`cut before its end (HTTP/2 error ${rstCode})`));
      });
      stream.end();
    });
  }

  close(): void {
    this.#session?.destroy();
  }

  /** One that the server has told to end takes no more streams. */
  #current(): ClientHttp2Session {
    const there = this.#session;
    if (there && !there.closed && !there.destroyed) return there;
    // Its streams tell.
    const session = connect(this.origin, { rejectUnauthorized: false }).on("error", () => {});
    this.#session = session;
    return session;
  }
}
