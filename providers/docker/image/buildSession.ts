import { randomBytes } from "node:crypto";
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import type { Engine } from "../engine/engine.js";
import { readFields, writeFields } from "../engine/protobuf.js";
import { type Credentials, serverOf } from "../registryAuth.js";

/** What a build may ask of its client while it runs. */
export interface BuildServices {
  /** Build secrets, by their ids. */
  readonly secrets: ReadonlyMap<string, Buffer>;
  credentials(server: string): Credentials | undefined;
}

export interface BuildSession {
  /** What the build is told, to find the session by. */
  readonly id: string;
  close(): void;
}

type Answer = (request: Map<number, string>) => Buffer;

/** An answer that a caller takes for what it says, and goes on. */
class Status extends Error {
  constructor(
    readonly code: status,
    readonly details: string,
  ) {
    super(details);
  }
}

const serving = Buffer.from([0x08, 0x01]);

/**
 * The client's half of BuildKit, a session: a connection over which the engine asks back, by gRPC, for secrets and for
 * registries' log-ins. (The files of the context are sent with the build itself.)
 * @param id default: a random one
 */
export async function openBuildSession(
  engine: Engine,
  services: BuildServices,
  signal: AbortSignal,
  id = randomBytes(16).toString("hex"),
): Promise<BuildSession> {
  const methods = methodsOf(services);
  const stream = await engine.upgrade(
    "/session",
    "h2c",
    {
      "X-Docker-Expose-Session-Uuid": id,
      "X-Docker-Expose-Session-Name": "pulumi",
      "X-Docker-Expose-Session-Sharedkey": "",
      "X-Docker-Expose-Session-Grpc-Method": Object.keys(methods),
    },
    signal,
  );
  const server = new Server();
  const entries = Object.entries(methods);
  server.addService(
    Object.fromEntries(entries.map(([path]) => [path, unary(path)])) as ServiceDefinition,
    Object.fromEntries(entries.map(([path, answer]) => [path, respond(answer)])),
  );
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(stream);
  const close = () => {
    server.forceShutdown();
    stream.destroy();
  };
  // A connection that is lost ends the build, which says so.
  stream.on("error", () => {});
  return { id, close };
}

function methodsOf({ secrets, credentials }: BuildServices): Record<string, Answer> {
  return {
    "/grpc.health.v1.Health/Check": () => serving,
    "/moby.buildkit.secrets.v1.Secrets/GetSecret": (request) => {
      const id = request.get(1) ?? "";
      const data = secrets.get(id);
      if (!data) throw new Status(status.NOT_FOUND, `the build has no secret "${id}"`);
      return writeFields({ 1: data });
    },
    "/moby.filesync.v1.Auth/Credentials": (request) => {
      const found = credentials(serverOf(request.get(1) ?? ""));
      const { username = "", password = "", identitytoken } = found ?? {};
      // Without a user's name the password is taken for a token.
      return identitytoken ? writeFields({ 2: identitytoken }) : writeFields({ 1: username, 2: password });
    },
  };
}

function unary(path: string) {
  const asItIs = (bytes: Buffer) => bytes;
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  };
}

function respond(answer: Answer) {
  return (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void => {
    const request = new Map(
      [...readFields(call.request)].map(([field, value]) => [field, value.toString("utf8")]),
    );
    try {
      done(null, answer(request));
    } catch (error) {
      const { code = status.INTERNAL, message } = error as Status;
      done({ code, details: message });
    }
  };
}
