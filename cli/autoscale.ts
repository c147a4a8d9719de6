import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, parseDocument } from "yaml";
import { duration } from "../providers/kit/index.js";
import { measure } from "./autoscale/measure.js";
import { decide, type Remembered, recommend } from "./autoscale/recommend.js";
import { balancersOf, runsInMachines } from "./balancers.js";
import { editStackFile } from "./editStackFile.js";
import { insideLab } from "./insideLab.js";
import { readTopology } from "./placementInput.js";
import type { Project } from "./project.js";
import { say, UserError } from "./say.js";
import { setup } from "./setup.js";
import { configFileOf } from "./stack.js";
import { imagesOf, type StackOptions, update } from "./up.js";

export interface AutoscaleOptions extends StackOptions {
  /** How long HAProxy's figures are taken, e.g. `10s`. */
  readonly sample: string;
  /** Only say what would be done. */
  readonly dryRun?: boolean;
}

const askLimitMs = 60_000;

/**
 * Gives each service that has `autoscale` as many replicas as HAProxy's figures ask for: in the stack's file, and by an update. For
 * CI or a timer: each run looks once, and remembers what it found, since replicas go only after a while without load.
 */
export async function autoscale(project: Project, options: AutoscaleOptions): Promise<void> {
  const sampleMs = duration(options.sample);
  const file = configFileOf(project, options);
  const ready = await setup(project, []);
  const topology = readTopology(project, options, ready.host);
  const services = topology.services.flatMap(({ name, replicas, autoscale: spec }) =>
    spec === undefined ? [] : [{ name, replicas, spec }],
  );
  if (services.length === 0) {
    throw new UserError(
      `stack "${options.stack}" has no service with "autoscale" in ${file}; give one {max: 8, requests: 100}, for instance.`,
    );
  }
  if (runsInMachines(topology) && (await insideLab(ready.host))) return;
  const signal = AbortSignal.timeout(sampleMs + askLimitMs);
  const names = services.map(({ name }) => name);
  const figures = await measure(balancersOf(project, topology), names, sampleMs, signal);
  const memory = new Memory(join(project.home, "autoscale", `${options.stack}.json`));
  const now = Date.now();
  const wanted = new Map<string, number>();
  for (const { name, replicas, spec } of services) {
    const found = recommend(spec, replicas, figures.get(name)!);
    const count = decide(spec, replicas, found, memory.of(name), now);
    memory.add(name, { at: now, replicas: found.replicas }, now - 2 * spec.scaleInAfterMs);
    const waits = count === replicas && found.replicas < replicas ? `, ${found.replicas} would do` : "";
    say(
      `${name}: ${count === replicas ? `${replicas} replicas stay` : `${replicas} replicas → ${count}`} (${found.reason}${waits})`,
    );
    if (count !== replicas) wanted.set(name, count);
  }
  if (options.dryRun) return;
  memory.save();
  if (wanted.size === 0) return;
  await editStackFile(project, options, (text) => withReplicas(text, wanted));
  await update(project, await setup(project, imagesOf(project, options)), options);
}

/** The text of a stack's file with other numbers of replicas; its comments and its order stay. */
export function withReplicas(text: string, replicas: ReadonlyMap<string, number>): string {
  const document = parseDocument(text);
  for (const [service, count] of replicas) {
    const at = ["config", "berth:services", service];
    if (!isMap(document.getIn(at))) document.setIn(at, document.createNode({}, { flow: true }));
    document.setIn([...at, "replicas"], count);
  }
  return document.toString({ lineWidth: 0 });
}

/** What earlier runs have recommended, in a file of the checkout's folder. */
class Memory {
  readonly #all: Record<string, Remembered[]>;

  constructor(private readonly file: string) {
    this.#all = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  }

  of(service: string): readonly Remembered[] {
    return this.#all[service] ?? [];
  }

  add(service: string, one: Remembered, forgetBefore: number): void {
    this.#all[service] = [...this.of(service).filter(({ at }) => at >= forgetBefore), one];
  }

  save(): void {
    mkdirSync(join(this.file, ".."), { recursive: true });
    writeFileSync(`${this.file}.new`, JSON.stringify(this.#all));
    renameSync(`${this.file}.new`, this.file);
  }
}
