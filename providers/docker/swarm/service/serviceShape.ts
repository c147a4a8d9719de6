import type { types } from "@pulumi/docker";
import { orNothing } from "../../container/units.js";
import { labels, map, number, object, objects, oneOf, set, splitPair, text, time } from "../../fields.js";
import type { Plain } from "../../plain.js";
import { encode, type Field, type Shape } from "../../shape.js";
import { containerSpec } from "./containerSpec.js";
import type { RolloutConfig, ServiceInputs, TaskSpec } from "./types.js";

type Port = Plain<types.input.ServiceEndpointSpecPort>;
type Resources = NonNullable<TaskSpec["resources"]>;
type Generic = Plain<types.input.ServiceTaskSpecResourcesReservationGenericResources>;
type Attachment = Plain<types.input.ServiceTaskSpecNetworksAdvanced>;

const port: Shape<Port> = {
  name: text("Name"),
  protocol: oneOf("Protocol", ["tcp", "udp", "sctp"], "tcp"),
  publishMode: oneOf("PublishMode", ["ingress", "host"], "ingress"),
  publishedPort: portNumber("PublishedPort"),
  targetPort: portNumber("TargetPort"),
};

const actions = ["pause", "continue", "rollback"];

function rollout(api: string, failureActions: readonly string[]): Field<RolloutConfig> {
  const shape: Shape<RolloutConfig> = {
    delay: time("Delay"),
    failureAction: oneOf("FailureAction", failureActions, "pause"),
    maxFailureRatio: ratio("MaxFailureRatio"),
    monitor: time("Monitor", "5s"),
    order: oneOf("Order", ["stop-first", "start-first"], "stop-first"),
    parallelism: number("Parallelism", 1),
  };
  // Where the whole is given, 0 stands for what is left out: as many at once as there are.
  const standard = { failureAction: "pause", monitor: "5s", order: "stop-first", parallelism: 1 };
  return { ...object(api, shape), to: (value) => encode(shape, { ...standard, ...value }) };
}

const amounts = { memoryBytes: number("MemoryBytes"), nanoCpus: number("NanoCPUs") };

const resources: Shape<Resources> = {
  limits: object("Limits", amounts),
  reservation: object("Reservations", {
    ...amounts,
    genericResources: {
      api: "GenericResources",
      to: ({ discreteResourcesSpecs = [], namedResourcesSpecs = [] }: Generic) => [
        ...discreteResourcesSpecs.map(splitPair).map(([Kind, amount]) => ({
          DiscreteResourceSpec: { Kind, Value: Number(amount) },
        })),
        ...namedResourcesSpecs
          .map(splitPair)
          .map(([Kind, Value]) => ({ NamedResourceSpec: { Kind, Value } })),
      ],
      from: (value: Record<string, { Kind: string; Value: string | number }>[]) => {
        const of = (kind: string) =>
          value.flatMap((entry) => (entry[kind] ? [`${entry[kind].Kind}=${entry[kind].Value}`] : [])).sort();
        const [discrete, named] = [of("DiscreteResourceSpec"), of("NamedResourceSpec")];
        return orNothing({
          ...(discrete.length > 0 && { discreteResourcesSpecs: discrete }),
          ...(named.length > 0 && { namedResourcesSpecs: named }),
        });
      },
    },
  }),
};

const taskSpec: Shape<TaskSpec> = {
  containerSpec: object("ContainerSpec", containerSpec),
  forceUpdate: number("ForceUpdate"),
  logDriver: object("LogDriver", { name: text("Name"), options: map("Options") }),
  networksAdvanceds: {
    api: "Networks",
    unordered: true,
    to: (value) => value.map(toAttachment),
    from: (value: EngineAttachment[]) => orNothing(value.map(fromAttachment)),
  },
  placement: object("Placement", {
    constraints: set("Constraints"),
    maxReplicas: number("MaxReplicas"),
    platforms: objects("Platforms", { architecture: text("Architecture"), os: text("OS") }),
    prefs: {
      api: "Preferences",
      to: (value: string[]) =>
        value.map((text) => ({ Spread: { SpreadDescriptor: text.replace(/^spread=/, "") } })),
      from: (value: { Spread?: { SpreadDescriptor: string } }[]) =>
        orNothing(value.flatMap(({ Spread }) => (Spread ? [`spread=${Spread.SpreadDescriptor}`] : []))),
    },
  }),
  resources: object("Resources", resources),
  restartPolicy: object("RestartPolicy", {
    condition: oneOf("Condition", ["none", "on-failure", "any"], "any"),
    delay: time("Delay", "5s"),
    maxAttempts: number("MaxAttempts"),
    window: time("Window"),
  }),
  runtime: oneOf("Runtime", ["container", "plugin"], "container"),
};

/** Members of the arguments that the engine knows; the rest is about what this plugin does, or how it logs in. */
type Told = Omit<ServiceInputs, "auth" | "convergeConfig" | "name">;

export const serviceShape: Shape<Told> = {
  endpointSpec: object("EndpointSpec", {
    mode: oneOf("Mode", ["vip", "dnsrr"], "vip"),
    ports: objects("Ports", port),
  }),
  labels: labels("Labels"),
  mode: {
    api: "Mode",
    to: ({ global, replicated }) =>
      global ? { Global: {} } : { Replicated: { Replicas: replicated?.replicas ?? 1 } },
    from({ Replicated }: { Replicated?: { Replicas?: number } }) {
      if (!Replicated) return { global: true };
      const { Replicas = 1 } = Replicated;
      return Replicas === 1 ? undefined : { replicated: { replicas: Replicas } };
    },
  },
  rollbackConfig: rollout("RollbackConfig", actions.slice(0, 2)),
  taskSpec: object("TaskTemplate", taskSpec) as Field<TaskSpec>,
  updateConfig: rollout("UpdateConfig", actions),
};

interface EngineAttachment {
  readonly Target: string;
  readonly Aliases?: string[] | null;
  readonly DriverOpts?: Record<string, string> | null;
}

function toAttachment({ id, name, aliases, driverOpts }: Attachment): EngineAttachment {
  const Target = id || name;
  if (!Target) throw new Error("each network needs its id or its name");
  return {
    Target,
    ...(aliases?.length && { Aliases: aliases }),
    ...(driverOpts?.length && { DriverOpts: Object.fromEntries(driverOpts.map(splitPair)) }),
  };
}

function fromAttachment({ Target, Aliases, DriverOpts }: EngineAttachment): Attachment {
  const options = Object.entries(DriverOpts ?? {}).map(([key, value]) => `${key}=${value}`);
  return {
    name: Target,
    ...(Aliases?.length && { aliases: [...Aliases].sort() }),
    ...(options.length > 0 && { driverOpts: options.sort() }),
  };
}

function portNumber(api: string): Field<number> {
  return {
    ...number(api),
    to(value) {
      if (Number.isInteger(value) && value >= 0 && value <= 65535) return value;
      throw new Error(`${value} is not a port number from 1 to 65535`);
    },
  };
}

/** A fraction, which the SDK writes as text. */
function ratio(api: string): Field<string> {
  return {
    api,
    to(value) {
      const fraction = Number(value);
      if (value.trim() !== "" && fraction >= 0 && fraction <= 1) return fraction;
      throw new Error(`"${value}" is not a fraction from 0 to 1, such as "0.2"`);
    },
    from: (value: number) => (value === 0 ? undefined : String(value)),
  };
}
