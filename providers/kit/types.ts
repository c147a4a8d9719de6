/** How loud a line in the engine's log is. `debug` is shown only with `pulumi up --debug`. */
export type Severity = "debug" | "info" | "warning" | "error";

/** What every call of a provider is handed beside its own arguments. */
export interface Call<C> {
  /** The provider's configuration, as `configure` returned it. */
  readonly config: C;
  /** The resource's URN; the token for a function call. */
  readonly urn: string;
  /** True in a preview: nothing may be touched, and inputs may hold {@link unknown}. */
  readonly preview: boolean;
  /** Aborted when the operation's time-out has passed or the engine asked to cancel; `reason` is the error to throw. */
  readonly signal: AbortSignal;
  /** The operation's limit in milliseconds: `customTimeouts` where the user set one, else the handler's own. */
  readonly timeoutMs: number;
  /** A line in the engine's log, kept, attached to the resource. Secrets of the inputs are blanked. */
  log(severity: Severity, message: string): void;
  /** That a named step begins and the one before it ends, for what `berth timings` shows of the call. */
  readonly step?: (name: string) => void;
  /** A progress line shown beside the resource while it is worked on, not kept. Secrets of the inputs are blanked. */
  status(message: string): void;
}

/** An input that breaks a rule. `property` is a path such as `ports[0].internal`; empty for the whole. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface Checked<I> {
  /** The inputs with defaults filled in. */
  readonly inputs: I;
  readonly failures: readonly CheckFailure[];
}

export type ChangeKind = "add" | "update" | "delete" | "add-replace" | "update-replace" | "delete-replace";

export interface Change {
  /** Property path, e.g. `env[2]` or `labels.role`. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** True where the change was found between two inputs, false where between the real state and an input (drift). */
  readonly inputDiff?: boolean;
}

export interface DiffResult {
  readonly changes: readonly Change[];
  /** The replacement cannot live beside the old one: delete first. Only read where something replaces. */
  readonly deleteBeforeReplace?: boolean;
}

export interface DiffRequest<I, S> {
  readonly id: string;
  readonly state: S;
  readonly oldInputs: I;
  readonly inputs: I;
  /** Top-level inputs whose changes the user asked to ignore; already put back to their old values in `inputs`. */
  readonly ignoreChanges: readonly string[];
}

export interface UpdateRequest<I, S> {
  readonly id: string;
  readonly state: S;
  readonly oldInputs: I;
  readonly inputs: I;
}

/** What exists, as its provider sees it. */
export interface Live<I, S> {
  readonly id: string;
  readonly state: S;
  /** The inputs that would describe it: on a refresh the old inputs with what drifted changed; on an import, made from the state. */
  readonly inputs: I;
}

/**
 * One kind of resource: plain objects in, plain objects out. Secrets arrive unwrapped and leave wrapped again (an output
 * whose input of the same name is secret is secret, and so is every name in `secrets`); an unknown value in a preview is
 * the object {@link unknown}.
 */
export interface ResourceHandler<I extends object, S extends object, C> {
  /** Inputs of which a change replaces the resource (top-level names). Used by the default diff. */
  readonly replaceOn?: readonly (keyof I & string)[];
  /** See {@link DiffResult.deleteBeforeReplace}; for the default diff. */
  readonly deleteBeforeReplace?: boolean;
  /** Outputs that are always secret. */
  readonly secrets?: readonly (keyof S & string)[];
  /** Outputs that only creation decides, unknown in the preview of a creation. Outputs named like an input take its value. */
  readonly computed?: readonly (keyof S & string)[];
  /** Computed outputs that an update may change, unknown in the preview of an update. Others keep their old value. */
  readonly unstable?: readonly (keyof S & string)[];
  /** Limits in milliseconds where the user set none. Default: 10 minutes each; `read` 2 minutes. */
  readonly timeouts?: { create?: number; update?: number; delete?: number; read?: number };

  /** Fills in defaults and lists every mistake. Inputs may hold {@link unknown}. Default: accepts all. */
  check?(inputs: I, old: I | undefined, call: Call<C>): Checked<I> | Promise<Checked<I>>;
  /** Default: deep comparison of old and new inputs, `replaceOn` deciding what replaces. */
  diff?(request: DiffRequest<I, S>, call: Call<C>): DiffResult | Promise<DiffResult>;
  /** Never called in a preview, nor with unknowns. Throw {@link PartialError} where something was made and must be recorded. */
  create(inputs: I, call: Call<C>): Promise<{ id: string; state: S }>;
  /** `undefined`: it is gone. `state` and `inputs` are undefined on an import. An unreachable system throws: it is never "gone". */
  read?(
    id: string,
    state: S | undefined,
    inputs: I | undefined,
    call: Call<C>,
  ): Promise<Live<I, S> | undefined>;
  /** Without it every change replaces. Never called in a preview, nor with unknowns. */
  update?(request: UpdateRequest<I, S>, call: Call<C>): Promise<S>;
  /** Succeeds where the thing has gone already. */
  delete(id: string, state: S, call: Call<C>): Promise<void>;
}

export type FunctionHandler<C> = (args: Record<string, any>, call: Call<C>) => Promise<Record<string, any>>;

type PackageSchema = Readonly<Record<string, unknown>>;

export interface ProviderDefinition<C> {
  /** The plugin's name, as in `pulumi-resource-NAME`. */
  readonly name: string;
  /** Semantic version; not lower than the SDK's. */
  readonly version: string;
  /** What SDKs are generated from: a Pulumi package schema, or how a large one is read when somebody asks for it. */
  readonly schema?: PackageSchema | (() => Promise<PackageSchema>);
  /** Checks the provider's configuration; may hold unknowns. Default: accepts all. */
  checkConfig?(inputs: Record<string, unknown>): Checked<Record<string, unknown>>;
  /** Configuration keys of which a change replaces the provider and with it all its resources. Default: none. */
  readonly replaceOnConfig?: readonly string[];
  /** From plain configuration to what handlers get. Must not connect: connections are made on first use. */
  configure(config: Record<string, unknown>): C;
  readonly resources: Readonly<Record<string, ResourceHandler<any, any, C>>>;
  readonly functions?: Readonly<Record<string, FunctionHandler<C>>>;
  /** Ends what `configure` and the handlers opened. */
  close?(config: C): Promise<void>;
}

/** Thrown by create or update where the resource exists but is not as asked: it is recorded, and the next update goes on. */
export class PartialError extends Error {
  constructor(
    message: string,
    readonly partial: { readonly id: string; readonly state: object },
  ) {
    super(message);
    this.name = "PartialError";
  }
}

/** An input whose value is known only after other resources exist. */
export const unknown: unique symbol = Symbol.for("berth.unknown");
