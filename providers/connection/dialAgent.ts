import { Agent, type ClientRequest, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";

/** Opens a byte stream to a Docker engine. Has a limit of its own. */
export type Dial = () => Promise<Duplex>;

/**
 * An HTTP agent over any byte stream. Each request gets a stream of its own: over a shared SSH connection that is
 * cheap, and a stream that the engine closed meanwhile can never be picked for a request that must not be sent twice.
 */
export class DialAgent extends Agent {
  readonly #dial: Dial;

  constructor(dial: Dial) {
    super({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });
    this.#dial = dial;
  }

  /**
   * docker-modem describes its options, and with them this agent, for a debug log before each request, whether anybody reads
   * it or not. With the sockets of sixty requests in it that takes seconds each time.
   */
  [inspect.custom](): string {
    return "DialAgent";
  }

  /**
   * Called by Node for each request; absent from its types. A connection lost in the middle of an answer is told to the
   * request, which docker-modem listens to: to the answer itself it does not, and would wait for its end for ever.
   */
  addRequest(request: ClientRequest, options: ClientRequestArgs): void {
    request.once("response", (response) => {
      response.once("close", () => {
        if (!response.complete) request.emit("error", lostInAnswer());
      });
    });
    inherited.addRequest.call(this, request, options);
  }

  override createConnection(
    _options: ClientRequestArgs,
    done: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#dial().then(
      (stream) => done(null, likeSocket(stream)),
      (error: Error) => done(error, undefined as never),
    );
  }
}

const inherited = Agent.prototype as unknown as {
  addRequest(this: Agent, request: ClientRequest, options: ClientRequestArgs): void;
};

function lostInAnswer(): Error {
  return Object.assign(new Error("the connection was lost in the middle of an answer"), {
    code: "ECONNRESET",
  });
}

/** What Node's HTTP client calls on a socket and an SSH channel does not have; none of it applies there. */
function likeSocket(stream: Duplex): Duplex {
  const target = stream as Duplex & Record<string, unknown>;
  for (const name of ["setTimeout", "setNoDelay", "setKeepAlive", "ref", "unref"]) {
    target[name] ??= () => stream;
  }
  return stream;
}
