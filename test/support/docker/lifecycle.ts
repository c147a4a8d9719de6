import { type Configuration, configure } from "../../../providers/docker/configuration.js";
import { defaultDiff } from "../../../providers/kit/diff.js";
import { type Call, hasUnknown, type Live, type ResourceHandler } from "../../../providers/kit/index.js";

/** A call as the kit makes one, with what it logged kept. */
export interface TestCall extends Call<Configuration> {
  readonly said: string[];
}

export function callOn(host: string, name: string, timeoutMs = 120_000, signal?: AbortSignal): TestCall {
  const said: string[] = [];
  const limit = AbortSignal.timeout(timeoutMs);
  return {
    config: configure({ host }, {}),
    urn: `urn:pulumi:dev::test::docker:index/thing:Thing::${name}`,
    preview: false,
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    timeoutMs,
    log: (severity, message) => said.push(`${severity}: ${message}`),
    status: (message) => said.push(message),
    said,
  };
}

/** One resource's life through its handler, as the engine leads it. */
export class Lifecycle<I extends object, S extends object> {
  id = "";
  state!: S;
  inputs!: I;

  constructor(
    readonly handler: ResourceHandler<I, S, Configuration>,
    readonly call: TestCall,
  ) {}

  async create(given: I): Promise<this> {
    const inputs = await this.check(given);
    const { id, state } = await this.handler.create(inputs, this.call);
    Object.assign(this, { id, state: plain(state), inputs });
    return this;
  }

  /** The inputs with defaults; mistakes fail the test. */
  async check(given: I): Promise<I> {
    const checked = await this.handler.check?.(given, this.inputs, this.call);
    if (checked && checked.failures.length > 0) throw new Error(JSON.stringify(checked.failures));
    return checked?.inputs ?? given;
  }

  /** The changes to get to these inputs, as `path kind`. */
  async diff(given: I = this.inputs): Promise<string[]> {
    const inputs = await this.check(given);
    const { id, state, inputs: oldInputs } = this;
    const request = { id, state, oldInputs, inputs, ignoreChanges: [] };
    const { handler } = this;
    const found = await (handler.diff ? handler.diff(request, this.call) : defaultDiff(handler, request));
    return found.changes.map(({ path, kind }) => `${path} ${kind}`);
  }

  /** Takes over what is there; undefined where it has gone. */
  async refresh(): Promise<Live<I, S> | undefined> {
    const live = await this.handler.read?.(this.id, this.state, this.inputs, this.call);
    if (live) Object.assign(this, { id: live.id, state: plain(live.state), inputs: plain(live.inputs) });
    return live;
  }

  async import(id: string): Promise<Live<I, S> | undefined> {
    return this.handler.read?.(id, undefined, undefined, this.call);
  }

  async update(given: I): Promise<void> {
    const inputs = await this.check(given);
    const { id, state, inputs: oldInputs } = this;
    const updated = await this.handler.update?.({ id, state, oldInputs, inputs }, this.call);
    if (updated) Object.assign(this, { state: plain(updated), inputs });
  }

  async delete(): Promise<void> {
    await this.handler.delete(this.id, this.state, this.call);
  }
}

/** As the state file keeps it. */
function plain<T>(value: T): T {
  if (hasUnknown(value)) throw new Error("an unknown value got into the state");
  return JSON.parse(JSON.stringify(value)) as T;
}
