import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import { encode } from "./marshal.js";
import type { PropertyMap } from "./property.js";

/** An answer to the engine that is an error: its code, its one line, and details where the protocol has some. */
export type Refusal = Pick<ServiceError, "code" | "details" | "metadata">;

/** An error that knows its gRPC code. */
export class CodedError extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
    this.name = "CodedError";
  }
}

/** Errors that a wrong program throws, never a wrong world: only they deserve a stack, in the debug log. */
export function isProgrammingError(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  // Node's own errors about the world carry a code, even where they are TypeErrors (a bad URL, say).
  if ("code" in error) return false;
  return [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind);
}

/**
 * The engine takes UNKNOWN and INTERNAL for "nobody knows what became of the resource" and warns that its state may be
 * wrong. A handler's plain Error means that nothing was changed, or nothing that matters: FAILED_PRECONDITION.
 */
export function refusal(error: unknown, redact: (text: string) => string): Refusal {
  const details = redact(messageOf(error));
  const metadata = new Metadata();
  if (error instanceof CodedError) return { code: error.code, details, metadata };
  return {
    code: isProgrammingError(error) ? status.INTERNAL : status.FAILED_PRECONDITION,
    details,
    metadata,
  };
}

/** The error that says: it exists, record it, but it is not as asked. The engine reads all from the details. */
export function partialRefusal(
  message: string,
  resource: { id: string; state: PropertyMap; inputs: PropertyMap },
): Refusal {
  const detail = new providerMessages.ErrorResourceInitFailed();
  detail.setId(resource.id);
  detail.setProperties(encode(resource.state));
  detail.setInputs(encode(resource.inputs));
  detail.setReasonsList([message]);
  const packed = new any.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const whole = new statusMessages.Status();
  whole.setCode(status.UNKNOWN);
  whole.setMessage(message);
  whole.addDetails(packed);
  const metadata = new Metadata();
  // gRPC's name for a google.rpc.Status beside the plain one; the only place that takes structured details.
  metadata.set("grpc-status-details-bin", Buffer.from(whole.serializeBinary()));
  return { code: status.UNKNOWN, details: message, metadata };
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}
