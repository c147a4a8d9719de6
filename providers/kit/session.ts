import { status } from "@grpc/grpc-js";
import { RefusedError } from "./answer.js";
import { Calls } from "./calls.js";
import { EngineLog } from "./engineLog.js";
import { CodedError, isProgrammingError, partialRefusal, refusal } from "./errors.js";
import type { PropertyMap } from "./property.js";
import { redactor } from "./redact.js";
import { conceal } from "./secrecy.js";
import { type Call, PartialError, type ProviderDefinition } from "./types.js";

/** How long an answer waits for the engine to take the log lines that belong before it. */
const flushMs = 2000;

export interface Operation {
  readonly what: string;
  readonly urn: string;
  readonly preview: boolean;
  readonly timeoutMs: number;
  /** All that came with the request: what is secret in it is kept out of messages. */
  readonly sources: readonly PropertyMap[];
  readonly isFunction?: boolean;
  /** How a {@link PartialError} is recorded; without it, it is an error like any other. */
  readonly partial?: { readonly inputs: PropertyMap; readonly secrets: readonly string[] };
}

/**
 * What the methods of one server share: the provider's configuration, the running calls, the engine's log.
 *
 * The engine starts a process for each provider resource, and a new one for the preview and for the update, and calls
 * Configure once in each (`Host.Provider` in pkg 3.259). Only a process that it was told to attach to
 * (PULUMI_DEBUG_PROVIDERS) is configured again and again, and no request says which provider it is for: the last
 * configuration counts for the calls that come after it, and earlier ones are closed at the end.
 */
export class Session<C> {
  readonly log: EngineLog;
  readonly calls: Calls;
  readonly #opened: C[] = [];
  #config: { readonly value: C; readonly properties: PropertyMap } | undefined;

  constructor(
    readonly definition: ProviderDefinition<C>,
    engineAddress?: string,
    graceMs?: number,
  ) {
    this.log = new EngineLog(engineAddress);
    this.calls = new Calls(this.log, graceMs);
  }

  configure(value: C, properties: PropertyMap): void {
    this.#opened.push(value);
    this.#config = { value, properties };
  }

  /** Runs a handler; whatever it throws becomes the engine's answer, without secrets and without a stack. */
  async run<T>(operation: Operation, handle: (call: Call<C>) => T | Promise<T>): Promise<T> {
    const config = this.#config;
    if (!config) {
      const name = this.definition.name;
      throw new CodedError(
        status.FAILED_PRECONDITION,
        `provider "${name}" was asked to ${operation.what} before it was configured`,
      );
    }
    const { what, urn, preview, timeoutMs, isFunction = false } = operation;
    const redact = redactor([config.properties, ...operation.sources]);
    const logUrn = isFunction ? "" : urn;
    try {
      return await this.calls.run(
        { what, urn, logUrn, preview, timeoutMs, redact, config: config.value },
        handle,
      );
    } catch (error) {
      if (isProgrammingError(error)) {
        const stack = error instanceof Error && error.stack ? error.stack : String(error);
        this.log.write("debug", redact(stack), logUrn);
      }
      throw new RefusedError(this.#refuse(error, operation, redact));
    } finally {
      await this.#flush();
    }
  }

  /** Ends what the configurations opened, one error not keeping the others from it. */
  async close(): Promise<void> {
    const closing = this.#opened.splice(0).map(async (config) => this.definition.close?.(config));
    await Promise.allSettled(closing);
    this.log.close();
  }

  #refuse(error: unknown, { partial }: Operation, redact: (text: string) => string) {
    if (!(error instanceof PartialError) || !partial) return refusal(error, redact);
    const { id, state } = error.partial;
    const concealed = conceal(state, [partial.inputs], partial.secrets);
    return partialRefusal(redact(error.message), { id, state: concealed, inputs: partial.inputs });
  }

  async #flush(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, flushMs);
    });
    await Promise.race([this.log.flush(), limit]);
    clearTimeout(timer);
  }
}
