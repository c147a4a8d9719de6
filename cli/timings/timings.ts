import { naturalOrder } from "@berth/components/topology";
import type { Timing } from "../../providers/kit/index.js";

/** A resource of a stack's state, as far as timings need it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly delete?: boolean;
  readonly parent?: string;
  readonly dependencies?: readonly string[];
}

/** Milliseconds, where they were measured. */
export interface MachineTiming {
  readonly machine: string;
  /** From nothing until its operating system lets us in, its first boot over. */
  readonly os?: number;
  /** From there until Docker is installed and configured. */
  readonly init?: number;
  /** From there until Docker answers. */
  readonly run?: number;
}

export interface ContainerTiming {
  readonly container: string;
  readonly service: string;
  readonly machine?: string;
  /** The building of its image. */
  readonly pack?: number;
  /** The image's way to a registry, and from there to the machine. */
  readonly load?: number;
  /** The container's creation, until it runs. */
  readonly run?: number;
}

export interface Timings {
  readonly machines: readonly MachineTiming[];
  readonly containers: readonly ContainerTiming[];
}

/** The last creation of each resource; an update of an image builds it anew, and counts as one. */
export function lastOf(timings: readonly Timing[]): ReadonlyMap<string, Timing> {
  const last = new Map<string, Timing>();
  for (const timing of timings) {
    if (timing.what === "create" || typeOf(timing.urn) === types.image) last.set(timing.urn, timing);
  }
  return last;
}

const types = {
  domain: "berth:index:Domain",
  engine: "berth:index:DockerEngine",
  image: "docker:index/image:Image",
  pull: "docker:index/remoteImage:RemoteImage",
  container: "docker:index/container:Container",
  service: "berth:index:Service",
};

/** What the last update measured of everything that the state has, in natural order of names: the state's is that of their making. */
export function timingsOf(state: readonly StateResource[], last: ReadonlyMap<string, Timing>): Timings {
  const present = state
    .filter((one) => one.delete !== true)
    .sort((one, other) => naturalOrder(nameOf(one.urn), nameOf(other.urn)));
  const byUrn = new Map(present.map((one) => [one.urn, one]));
  const of = (type: string) => present.filter((one) => one.type === type);
  const step = (urn: string | undefined, name: string) =>
    urn === undefined ? undefined : last.get(urn)?.steps.find((one) => one.name === name)?.milliseconds;
  const whole = (urn: string | undefined) => (urn === undefined ? undefined : last.get(urn)?.milliseconds);

  const engines = new Map(of(types.engine).map(({ urn }) => [nameOf(urn), urn]));
  const machines = of(types.domain).map(({ urn }) => {
    const machine = nameOf(urn);
    const engine = engines.get(machine);
    return defined({
      machine,
      os: sum(whole(urn), step(engine, "os")),
      init: step(engine, "init"),
      run: step(engine, "run"),
    });
  });

  const containers = of(types.container)
    .filter(({ parent }) => byUrn.get(parent ?? "")?.type === types.service)
    .map(({ urn, parent, dependencies = [] }) => {
      const pulls = dependencies.filter((one) => byUrn.get(one)?.type === types.pull);
      const images = withDependencies([...dependencies, ...pulls], byUrn).filter(
        (one) => typeOf(one) === types.image,
      );
      const runtime = byUrn.get(byUrn.get(pulls[0] ?? "")?.parent ?? "");
      return defined({
        container: nameOf(urn),
        service: nameOf(parent!),
        machine: runtime && nameOf(runtime.urn),
        pack: sum(...images.map((one) => step(one, "build"))),
        load: sum(...images.map((one) => step(one, "push")), ...pulls.map(whole)),
        run: whole(urn),
      });
    });
  return { machines, containers };
}

/** These and what they are made from, as far as images go. */
function withDependencies(urns: readonly string[], byUrn: ReadonlyMap<string, StateResource>): string[] {
  const found = new Set<string>();
  const visit = (urn: string) => {
    const type = byUrn.get(urn)?.type;
    if (found.has(urn) || (type !== types.image && type !== types.pull)) return;
    found.add(urn);
    for (const one of byUrn.get(urn)?.dependencies ?? []) visit(one);
  };
  for (const urn of urns) visit(urn);
  return [...found];
}

/** The sum of what is known; nothing where nothing is. */
function sum(...parts: readonly (number | undefined)[]): number | undefined {
  const known = parts.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, one) => total + one, 0);
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1)!;
}

function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
