import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import messages from "@pulumi/pulumi/proto/engine_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";

export interface Line {
  severity: "debug" | "info" | "warning" | "error";
  message: string;
  urn: string;
  ephemeral: boolean;
}

/** The part of the engine that plugins talk to: its log. */
export interface FakeEngine {
  readonly address: string;
  readonly lines: Line[];
  /** Resolves with the first line that fits, past or to come. */
  line(fits: (line: Line) => boolean): Promise<Line>;
  stop(): void;
}

export async function startFakeEngine(): Promise<FakeEngine> {
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  const server = new Server();
  server.addService(services.EngineService, {
    log(call: ServerUnaryCall<LogRequest, unknown>, done: sendUnaryData<unknown>) {
      const { severity, message, urn, ephemeral } = call.request.toObject();
      const name = Object.entries(messages.LogSeverity).find(([, value]) => value === severity)![0];
      lines.push({ severity: name.toLowerCase() as Line["severity"], message, urn, ephemeral });
      for (const look of waiting) look();
      done(null, new empty.Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    lines,
    line: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = lines.find(fits);
          if (!found) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    stop: () => server.forceShutdown(),
  };
}
