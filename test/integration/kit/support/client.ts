import { credentials, type ServiceError } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";

type Bag = Record<string, any>;

export const boxUrn = "urn:pulumi:dev::shop::shop:index:Shelf$box:index:Box::first";
export const stoneUrn = "urn:pulumi:dev::shop::box:index:Stone::first";

const kindNames = Object.fromEntries(
  Object.entries(messages.PropertyDiff.Kind).map(([name, kind]) => [kind, name.toLowerCase()]),
);

/** The SDK's own generated client, spoken to with the wire's JSON. */
export class Client {
  readonly raw: InstanceType<typeof services.ResourceProviderClient>;

  constructor(port: number) {
    this.raw = new services.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  call<Request, Response>(
    method: (request: Request, done: (error: ServiceError | null, response: Response) => void) => unknown,
    request: Request,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      method.call(this.raw, request, (error, response) => (error ? reject(error) : resolve(response)));
    });
  }

  configure(args: Bag): Promise<pb.ConfigureResponse> {
    return this.call(this.raw.configure, new messages.ConfigureRequest().setArgs(bag(args)));
  }

  async check(urn: string, news: Bag, olds: Bag = {}) {
    const request = new messages.CheckRequest().setUrn(urn).setOlds(bag(olds)).setNews(bag(news));
    return checked(await this.call<pb.CheckRequest, pb.CheckResponse>(this.raw.check, request));
  }

  async checkConfig(news: Bag) {
    const request = new messages.CheckRequest().setUrn("urn:pulumi:dev::shop::pulumi:providers:box::b");
    request.setOlds(bag({})).setNews(bag(news));
    return checked(await this.call<pb.CheckRequest, pb.CheckResponse>(this.raw.checkConfig, request));
  }

  async diff(
    urn: string,
    oldInputs: Bag,
    news: Bag,
    { state = oldInputs, ignoreChanges = [] as string[] } = {},
  ) {
    const request = new messages.DiffRequest().setUrn(urn).setId("some-id");
    request.setOlds(bag(state)).setOldInputs(bag(oldInputs)).setNews(bag(news));
    request.setIgnorechangesList(ignoreChanges);
    return diffed(await this.call<pb.DiffRequest, pb.DiffResponse>(this.raw.diff, request));
  }

  async diffConfig(oldInputs: Bag, news: Bag) {
    const request = new messages.DiffRequest().setOldInputs(bag(oldInputs)).setNews(bag(news));
    return diffed(await this.call<pb.DiffRequest, pb.DiffResponse>(this.raw.diffConfig, request));
  }

  async create(urn: string, inputs: Bag, { preview = false, timeout = 0 } = {}) {
    const request = new messages.CreateRequest().setUrn(urn).setProperties(bag(inputs));
    request.setPreview(preview).setTimeout(timeout);
    const response = await this.call<pb.CreateRequest, pb.CreateResponse>(this.raw.create, request);
    return { id: response.getId(), state: unbag(response.getProperties()) };
  }

  async read(urn: string, id: string, state?: Bag, inputs?: Bag) {
    const request = new messages.ReadRequest().setUrn(urn).setId(id);
    if (state) request.setProperties(bag(state));
    if (inputs) request.setInputs(bag(inputs));
    const response = await this.call<pb.ReadRequest, pb.ReadResponse>(this.raw.read, request);
    return {
      id: response.getId(),
      state: unbag(response.getProperties()),
      inputs: unbag(response.getInputs()),
    };
  }

  async update(
    urn: string,
    id: string,
    {
      state,
      oldInputs,
      inputs,
      preview = false,
    }: { state: Bag; oldInputs: Bag; inputs: Bag; preview?: boolean },
  ) {
    const request = new messages.UpdateRequest().setUrn(urn).setId(id).setPreview(preview);
    request.setOlds(bag(state)).setOldInputs(bag(oldInputs)).setNews(bag(inputs));
    const response = await this.call<pb.UpdateRequest, pb.UpdateResponse>(this.raw.update, request);
    return unbag(response.getProperties());
  }

  async delete(urn: string, id: string, state: Bag): Promise<void> {
    const request = new messages.DeleteRequest().setUrn(urn).setId(id).setProperties(bag(state));
    await this.call(this.raw.delete, request.setOldInputs(bag({})));
  }

  async invoke(token: string, args: Bag, preview = false) {
    const request = new messages.InvokeRequest().setTok(token).setArgs(bag(args)).setPreview(preview);
    const response = await this.call<pb.InvokeRequest, pb.InvokeResponse>(this.raw.invoke, request);
    return unbag(response.getReturn());
  }

  async cancel(): Promise<void> {
    await this.call(this.raw.cancel, new empty.Empty());
  }

  close(): void {
    this.raw.close();
  }
}

function bag(value: Bag) {
  return struct.Struct.fromJavaScript(value);
}

function unbag(value: { toJavaScript(): unknown } | undefined): any {
  return value?.toJavaScript();
}

function checked(response: pb.CheckResponse) {
  return { inputs: unbag(response.getInputs()), failures: response.toObject().failuresList };
}

function diffed(response: pb.DiffResponse) {
  const details: Record<string, string> = {};
  response.getDetaileddiffMap().forEach((detail, path) => {
    details[path] = kindNames[detail.getKind()]!;
  });
  return {
    changes: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
    none: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_NONE,
    details,
    diffs: response.getDiffsList(),
    replaces: response.getReplacesList(),
    stables: response.getStablesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
  };
}

/** The record that a partial failure carries in its gRPC status, as the engine unpacks it. */
export function partialFailure(error: ServiceError) {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  const [detail] = statuses.Status.deserializeBinary(bytes as Buffer).getDetailsList();
  const record = detail!.unpack(
    messages.ErrorResourceInitFailed.deserializeBinary,
    "pulumirpc.ErrorResourceInitFailed",
  )!;
  return {
    id: record.getId(),
    state: unbag(record.getProperties()),
    inputs: unbag(record.getInputs()),
    reasons: record.getReasonsList(),
  };
}
