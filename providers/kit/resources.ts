import { status } from "@grpc/grpc-js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { differences } from "./changes.js";
import { becameSecret, defaultDiff, settleDiff } from "./diff.js";
import { CodedError } from "./errors.js";
import { decode, encode } from "./marshal.js";
import { diffResponse, failureMessages } from "./messages.js";
import { previewCreate, previewUpdate } from "./preview.js";
import { redactor } from "./redact.js";
import { conceal, reveal } from "./secrecy.js";
import type { Session } from "./session.js";
import type { ProviderDefinition, ResourceHandler } from "./types.js";

const minute = 60_000;
const defaultTimeouts = { create: 10 * minute, update: 10 * minute, delete: 10 * minute, read: 2 * minute };
/** For check and diff, which the user cannot set a limit for. */
const thinkingTimeout = 2 * minute;

/** The protocol's methods on resources. */
export function resourceMethods<C>(session: Session<C>) {
  const { definition } = session;
  return {
    async check(request: pb.CheckRequest): Promise<pb.CheckResponse> {
      const { urn, handler } = find(definition, request);
      const [olds, news] = [decode(request.getOlds()), decode(request.getNews())];
      const inputs = reveal(news);
      const old = request.getOlds()?.getFieldsMap().getLength() ? reveal(olds) : undefined;
      const operation = {
        what: "check",
        urn,
        preview: true,
        timeoutMs: thinkingTimeout,
        sources: [olds, news],
      };
      const checked = await session.run(operation, (call) =>
        handler.check ? handler.check(inputs, old, call) : { inputs, failures: [] },
      );
      const response = new provider.CheckResponse();
      response.setInputs(encode(conceal(checked.inputs, [news])));
      response.setFailuresList(failureMessages(checked.failures, redactor([olds, news])));
      return response;
    },

    async diff(request: pb.DiffRequest): Promise<pb.DiffResponse> {
      const { urn, handler } = find(definition, request);
      const state = decode(request.getOlds());
      const oldInputs = request.hasOldInputs() ? decode(request.getOldInputs()) : state;
      const inputs = decode(request.getNews());
      const ignoreChanges = request.getIgnorechangesList();
      const plain = {
        id: request.getId(),
        state: reveal(state),
        oldInputs: reveal(oldInputs),
        inputs: reveal(inputs),
        ignoreChanges,
      };
      const sources = [state, oldInputs, inputs];
      const operation = { what: "diff", urn, preview: true, timeoutMs: thinkingTimeout, sources };
      const found = await session.run(operation, (call) =>
        handler.diff ? handler.diff(plain, call) : defaultDiff(handler, plain),
      );
      const updatable = handler.update !== undefined;
      const unstable: readonly string[] = handler.unstable ?? [];
      const stables = (handler.computed ?? []).filter((name: string) => !unstable.includes(name));
      return diffResponse(settleDiff(found, { updatable, ignoreChanges, oldInputs, inputs }), stables);
    },

    async create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
      const { urn, handler } = find(definition, request);
      const inputs = decode(request.getProperties());
      const response = new provider.CreateResponse();
      if (request.getPreview()) return response.setProperties(encode(previewCreate(handler, inputs)));
      const secrets: readonly string[] = handler.secrets ?? [];
      const timeoutMs = limit(request.getTimeout(), handler, "create");
      const operation = {
        what: "create",
        urn,
        preview: false,
        timeoutMs,
        sources: [inputs],
        partial: { inputs, secrets },
      };
      const { id, state } = await session.run(operation, (call) => handler.create(reveal(inputs), call));
      return response.setId(id).setProperties(encode(conceal(state, [inputs], secrets)));
    },

    async read(request: pb.ReadRequest): Promise<pb.ReadResponse> {
      const { urn, type, handler } = find(definition, request);
      const [state, inputs] = [decode(request.getProperties()), decode(request.getInputs())];
      const known = Object.keys(state).length > 0;
      const response = new provider.ReadResponse();
      const { read } = handler;
      if (!read) {
        if (!known)
          throw new CodedError(
            status.UNIMPLEMENTED,
            `${type} cannot be imported: its provider does not read it`,
          );
        return response
          .setId(request.getId())
          .setProperties(request.getProperties())
          .setInputs(request.getInputs());
      }
      const secrets: readonly string[] = handler.secrets ?? [];
      const timeoutMs = limit(request.getTimeout(), handler, "read");
      const sources = [state, inputs];
      const operation = {
        what: "read",
        urn,
        preview: false,
        timeoutMs,
        sources,
        partial: { inputs, secrets },
      };
      const live = await session.run(operation, (call) =>
        read.call(
          handler,
          request.getId(),
          known ? reveal(state) : undefined,
          request.hasInputs() && known ? reveal(inputs) : undefined,
          call,
        ),
      );
      // An empty id is how the protocol says that it is gone.
      if (!live) return response;
      // What is always secret is so by its name; a text in it may well be in others that are none.
      const marked = Object.entries(state).filter(([name]) => !secrets.includes(name));
      const telling = [Object.fromEntries(marked), inputs];
      response.setId(live.id);
      response.setProperties(encode(conceal(live.state, telling, secrets)));
      response.setInputs(encode(conceal(live.inputs, telling, secrets)));
      return response;
    },

    async update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
      const { urn, type, handler } = find(definition, request);
      const [state, inputs] = [decode(request.getOlds()), decode(request.getNews())];
      const oldInputs = request.hasOldInputs() ? decode(request.getOldInputs()) : state;
      const response = new provider.UpdateResponse();
      if (request.getPreview()) {
        return response.setProperties(encode(previewUpdate(handler, state, oldInputs, inputs)));
      }
      const id = request.getId();
      const secrets: readonly string[] = handler.secrets ?? [];
      const plain = { id, state: reveal(state), oldInputs: reveal(oldInputs), inputs: reveal(inputs) };
      const timeoutMs = limit(request.getTimeout(), handler, "update");
      const sources = [state, oldInputs, inputs];
      const operation = {
        what: "update",
        urn,
        preview: false,
        timeoutMs,
        sources,
        partial: { inputs, secrets },
      };
      const updated = await session.run(operation, (call) => {
        if (handler.update) return handler.update(plain, call);
        // Everything replaces such a resource; only a mark as secret comes this way (see settleDiff).
        const onlyMarks =
          differences(plain.oldInputs, plain.inputs).length === 0 &&
          becameSecret(oldInputs, inputs).length > 0;
        if (onlyMarks) return plain.state;
        throw new Error(
          `${type} cannot be changed in place: replace it with "pulumi up --target-replace ${urn}"`,
        );
      });
      return response.setProperties(encode(conceal(updated, [inputs], secrets)));
    },

    async delete(request: pb.DeleteRequest): Promise<void> {
      const { urn, handler } = find(definition, request);
      const state = decode(request.getProperties());
      const sources = [state, decode(request.getOldInputs())];
      const operation = {
        what: "delete",
        urn,
        preview: false,
        timeoutMs: limit(request.getTimeout(), handler, "delete"),
        sources,
      };
      await session.run(operation, (call) => handler.delete(request.getId(), reveal(state), call));
    },
  };
}

function find<C>(definition: ProviderDefinition<C>, request: { getUrn(): string }) {
  const urn = request.getUrn();
  // urn:pulumi:stack::project::type of the parents$type::name
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const handlers: Readonly<Record<string, ResourceHandler<any, any, C>>> = definition.resources;
  const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined;
  if (handler) return { urn, type, handler };
  const has = Object.keys(handlers).join(", ");
  throw new CodedError(
    status.NOT_FOUND,
    `provider "${definition.name}" has no resource ${JSON.stringify(type)}; it has: ${has}`,
  );
}

/** The user's `customTimeouts`, which arrive as seconds, 0 where unset; else the handler's; else the default. */
function limit<C>(
  seconds: number,
  handler: ResourceHandler<any, any, C>,
  what: keyof typeof defaultTimeouts,
): number {
  return seconds > 0 ? seconds * 1000 : (handler.timeouts?.[what] ?? defaultTimeouts[what]);
}
