import { status } from "@grpc/grpc-js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { CodedError } from "./errors.js";
import { decode, encode } from "./marshal.js";
import { containsSecret } from "./property.js";
import { conceal, reveal } from "./secrecy.js";
import type { Session } from "./session.js";

const timeoutMs = 10 * 60_000;

/** The protocol's Invoke. A result may be made from any argument: where one is secret, all of the result is. */
export function invokeMethod<C>(session: Session<C>) {
  const { name, functions = {} } = session.definition;
  return async (request: pb.InvokeRequest): Promise<pb.InvokeResponse> => {
    const token = request.getTok();
    const handler = Object.hasOwn(functions, token) ? functions[token] : undefined;
    if (!handler) {
      const has = Object.keys(functions).join(", ") || "none";
      throw new CodedError(
        status.NOT_FOUND,
        `provider "${name}" has no function ${JSON.stringify(token)}; it has: ${has}`,
      );
    }
    const args = decode(request.getArgs());
    const operation = {
      what: token,
      urn: token,
      preview: request.getPreview(),
      timeoutMs,
      sources: [args],
      isFunction: true,
    };
    const result = await session.run(operation, (call) => handler(reveal(args), call));
    const secrets = containsSecret(args) ? Object.keys(result) : [];
    return new provider.InvokeResponse().setReturn(encode(conceal(result, [args], secrets)));
  };
}
