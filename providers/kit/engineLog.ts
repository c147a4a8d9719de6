/// <reference lib="es2024.string" />
import { type ClientOptions, credentials, Metadata } from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type { Severity } from "./types.js";

const severities = {
  debug: engineMessages.LogSeverity.DEBUG,
  info: engineMessages.LogSeverity.INFO,
  warning: engineMessages.LogSeverity.WARNING,
  error: engineMessages.LogSeverity.ERROR,
} as const;

/** How long a message may take. The engine is on this machine: longer means that it is gone. */
const limitMs = 5000;

// Messages are never as long as gRPC's limit on their size, and an engine on loopback needs no proxy.
const options: Partial<ClientOptions> = { "grpc.max_send_message_length": -1, "grpc.enable_http_proxy": 0 };

/** The engine's log. Without an engine's address (somebody started the plugin by hand), stderr takes all but progress. */
export class EngineLog {
  #client: InstanceType<typeof engineServices.EngineClient> | undefined;
  #address: string | undefined;
  // One after the other: unary calls made side by side may overtake each other.
  #last: Promise<void> = Promise.resolve();

  constructor(address?: string) {
    if (address) this.connect(address);
  }

  connect(address: string): void {
    if (address === this.#address) return;
    this.#client?.close();
    this.#address = address;
    this.#client = new engineServices.EngineClient(address, credentials.createInsecure(), options);
  }

  /** @param urn the resource to show the line at; empty for the whole update. */
  write(severity: Severity, message: string, urn = "", ephemeral = false): void {
    const client = this.#client;
    if (!client) {
      if (!ephemeral && severity !== "debug") process.stderr.write(`${severity}: ${message}\n`);
      return;
    }
    const request = new engineMessages.LogRequest();
    request.setSeverity(severities[severity]);
    // gRPC refuses text that is not well-formed, such as a program's output cut in the middle of a sign.
    request.setMessage(message.toWellFormed());
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    const send = () =>
      new Promise<void>((resolve) => {
        client.log(request, new Metadata(), { deadline: Date.now() + limitMs }, () => resolve());
      });
    // A lost line must not fail an operation, nor the lines after it; there is nobody left to tell about it.
    this.#last = this.#last.then(send).catch(() => {});
  }

  /** Resolves when the engine has all lines so far, or has not answered within the limit. */
  flush(): Promise<void> {
    return this.#last;
  }

  close(): void {
    this.#client?.close();
  }
}
