import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { type Refusal, refusal } from "./errors.js";

/** An error whose answer to the engine is settled: redacted, coded, with its details. */
export class RefusedError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.details);
    this.name = "RefusedError";
  }
}

/** A gRPC method from an async function. */
export function answer<Request, Response>(method: (request: Request) => Response | Promise<Response>) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    (async () => method(call.request))().then(
      (response) => callback(null, response),
      (error) => callback(error instanceof RefusedError ? error.refusal : refusal(error, (text) => text)),
    );
  };
}
