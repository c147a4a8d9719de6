import { type DockerTargetArgs, Rollout, type RolloutArgs, type RolloutBalancerArgs } from "@berth/sdk";
import * as pulumi from "@pulumi/pulumi";
import { milliseconds } from "./quantity.js";
import { type RolloutStrategy, type Turn, turns } from "./rolloutStrategy.js";

/** Beyond the stages: new servers' checks, and the last sessions on old ones. */
const limitMs = 15 * 60_000;
const defaultHold = "30s";

export interface ServiceRolloutArgs {
  readonly strategy: RolloutStrategy;
  /** The servers of the service in each load balancer that sends requests to it, once the replicas' ports are known. */
  readonly balancers: (ports: Readonly<Record<string, number>>) => RolloutBalancer[];
  /** Labels that all containers of the service have. */
  readonly labels: Readonly<Record<string, string>>;
  readonly stopGraceSeconds: pulumi.Input<number>;
}

/** A backend with the service's servers; see the SDK's Rollout. */
export interface RolloutBalancer extends Omit<RolloutBalancerArgs, "servers"> {
  /** The line of each replica's server. */
  readonly servers: Readonly<Record<string, string>>;
}

/** A replica that takes part. */
export interface RolloutReplica {
  readonly address: string;
  readonly port: pulumi.Output<number>;
  readonly engines: readonly DockerTargetArgs[];
  /** Runs already, and so may have to be replaced. */
  readonly runs: boolean;
}

/** Which resource carries out which part of a service's rollout, and what waits for what. */
export class ServiceRollout {
  /** All that has to succeed. */
  readonly steps: pulumi.Resource[] = [];
  readonly #ports: pulumi.Output<Record<string, number>>;
  readonly #turns: ReadonlyMap<string, Turn> | undefined;
  readonly #through = new Map<string, Rollout>();
  readonly #left = new Map<string, Rollout>();

  constructor(
    private readonly service: string,
    private readonly args: ServiceRolloutArgs,
    private readonly replicas: Readonly<Record<string, RolloutReplica>>,
    private readonly parent: pulumi.Resource,
  ) {
    const { strategy } = args;
    this.#ports = pulumi.all(
      Object.fromEntries(Object.entries(replicas).map(([key, { port }]) => [key, port])),
    );
    const running = Object.keys(replicas).filter((key) => replicas[key]!.runs);
    this.#turns = strategy.strategy === "rolling" ? turns(running, strategy) : undefined;
  }

  /** What has to be there before a replica's container is made: its turn comes, and where it leaves first, its old one has gone. */
  before(key: string): pulumi.Resource[] {
    const turn = this.#turns?.get(key);
    const previous = turn?.after === undefined ? [] : [this.#through.get(turn.after)!];
    if (!turn?.leavesFirst) return previous;
    const left = this.#rollout(`${key}-leave`, [key], { way: "leave" }, {}, previous);
    this.#left.set(key, left);
    return [left];
  }

  /** A replica's container is there. */
  made(key: string, container: pulumi.Input<string>): void {
    if (this.#turns === undefined) return;
    const left = this.#left.get(key)?.run;
    const more = { stopOld: true, ...(left && { left }) };
    this.#through.set(key, this.#rollout(key, [key], more, { [key]: container }));
  }

  /** All containers are there. */
  allMade(containers: Readonly<Record<string, pulumi.Input<string>>>): void {
    const { strategy } = this.args;
    if (strategy.strategy === "rolling") return;
    const shares = strategy.strategy === "blueGreen" ? [100] : [...(strategy.weights ?? [5, 25, 50])];
    const { hold = defaultHold, check = {} } = strategy;
    this.#rollout(
      this.service,
      Object.keys(this.replicas),
      { shares, hold, check: { ...check } },
      containers,
    );
  }

  #rollout(
    name: string,
    keys: readonly string[],
    more: Partial<RolloutArgs>,
    containers: Readonly<Record<string, pulumi.Input<string>>>,
    dependsOn: pulumi.Resource[] = [],
  ): Rollout {
    const { labels, stopGraceSeconds, balancers, strategy } = this.args;
    const mine = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(keys.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])));
    const stages = strategy.strategy === "canary" ? (strategy.weights?.length ?? 3) : 1;
    const hold = strategy.strategy === "rolling" ? 0 : milliseconds(strategy.hold ?? defaultHold);
    const limit = `${limitMs + stages * hold}ms`;
    const step = new Rollout(
      name,
      {
        service: this.service,
        labels,
        stopGraceSeconds,
        balancers: this.#ports.apply((known) =>
          balancers(known).map(({ servers, ...rest }) => ({ ...rest, servers: mine(servers) })),
        ),
        replicas: Object.fromEntries(
          Object.entries(mine(this.replicas)).map(([key, { address, port, engines }]) => [
            key,
            {
              endpoint: pulumi.interpolate`${address}:${port}`,
              engines: [...engines],
              ...(containers[key] !== undefined && { container: containers[key] }),
            },
          ]),
        ),
        ...more,
      },
      { parent: this.parent, dependsOn, customTimeouts: { create: limit, update: limit } },
    );
    this.steps.push(step);
    return step;
  }
}
