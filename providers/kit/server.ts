import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { answer } from "./answer.js";
import { configurationMethods } from "./configuration.js";
import { invokeMethod } from "./functions.js";
import { resourceMethods } from "./resources.js";
import { Session } from "./session.js";
import type { ProviderDefinition, Severity } from "./types.js";

export interface ProviderServer {
  readonly port: number;
  /** A line in the engine's log that belongs to no call. */
  log(severity: Severity, message: string): void;
  /** Ends running calls with "VERB `cause`", waits up to `limitMs` for each of its three steps, and closes the port. */
  stop(cause: string, limitMs: number): Promise<void>;
}

/** Serves a provider on a free port of 127.0.0.1. Methods that are missing here answer UNIMPLEMENTED, as the engine expects. */
export async function startServer<C>(
  definition: ProviderDefinition<C>,
  { engineAddress, graceMs }: { engineAddress?: string | undefined; graceMs?: number } = {},
): Promise<ProviderServer> {
  const session = new Session(definition, engineAddress, graceMs);
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(services.ResourceProviderService, methods(session));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    log: (severity, message) => session.log.write(severity, session.calls.redact(message)),
    async stop(cause, limitMs) {
      session.calls.cancel(cause);
      await within(limitMs, session.calls.idle());
      await within(limitMs, new Promise((resolve) => server.tryShutdown(() => resolve(undefined))));
      await within(limitMs, session.close());
      server.forceShutdown();
    },
  };
}

function methods<C>(session: Session<C>): UntypedServiceImplementation {
  const { name, version, schema } = session.definition;
  const configuration = configurationMethods(session);
  const resources = resourceMethods(session);
  return {
    handshake: answer((request: pb.ProviderHandshakeRequest) => {
      if (request.getEngineAddress()) session.log.connect(request.getEngineAddress());
      const response = new provider.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(false);
      response.setAcceptOutputs(true);
      response.setSupportsAutonamingConfiguration(false);
      return response;
    }),
    attach: answer((request: pluginPb.PluginAttach) => {
      session.log.connect(request.getAddress());
      return new empty.Empty();
    }),
    getPluginInfo: answer(() => new plugin.PluginInfo().setVersion(version)),
    getSchema: answer(async () => {
      const own = typeof schema === "function" ? await schema() : schema;
      return new provider.GetSchemaResponse().setSchema(JSON.stringify({ name, version, ...own }));
    }),
    getMapping: answer(() => new provider.GetMappingResponse()),
    getMappings: answer(() => new provider.GetMappingsResponse()),
    cancel: answer(() => {
      session.calls.cancel("was cancelled");
      return new empty.Empty();
    }),
    checkConfig: answer(configuration.checkConfig),
    diffConfig: answer(configuration.diffConfig),
    configure: answer(configuration.configure),
    invoke: answer(invokeMethod(session)),
    check: answer(resources.check),
    diff: answer(resources.diff),
    create: answer(resources.create),
    read: answer(resources.read),
    update: answer(resources.update),
    delete: answer(async (request: pb.DeleteRequest) => {
      await resources.delete(request);
      return new empty.Empty();
    }),
  };
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
