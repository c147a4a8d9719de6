import { type DockerTargetArgs, HaproxyConfig } from "@berth/sdk";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerRuntime } from "./containerRuntime.js";
import type { HaproxyModel } from "./haproxy/index.js";
import { renderHaproxy } from "./haproxy/index.js";
import type { Hypervisor } from "./hypervisor.js";
import { type KeepalivedGroup, keepalivedConfig } from "./keepalivedConfig.js";
import { type Transform, transformed } from "./transform.js";

/** Longer than HAProxy's own limit for its old workers, `hard-stop-after`. */
const endSeconds = 310;

/** By these, what changes servers while it runs finds a load balancer's HAProxy, on whichever engine it is. */
export function loadBalancerLabels(name: string): Record<string, string> {
  return { "berth.loadBalancer": name, "berth.stack": pulumi.getStack() };
}

export interface LoadBalancerArgs {
  /** Runs on this hypervisor's Docker engine, in the hypervisor's own network; or see `machines`. Changing it: replace. */
  hypervisor?: Hypervisor;
  /**
   * Runs in these machines, in their own network: one, or several with `virtualAddress`. They are changed one after the other.
   * Changing it: what runs in others stays.
   */
  machines?: readonly ContainerRuntime[];
  /** One address for several machines, which keepalived moves to one that works. Default: none. Changing it: keepalived starts anew. */
  virtualAddress?: VirtualAddressArgs;
  /**
   * HAProxy's image: an id on the hypervisor's engine, for machines a reference by digest. Changing it: the new HAProxy starts
   * beside the old one, which then ends what it has begun.
   */
  image: pulumi.Input<string>;
  /** What it balances. Changing it: in place, checked by HAProxy first, without dropping a connection. */
  model: pulumi.Input<HaproxyModel>;
  /**
   * What the model names under `secretPath`, by file name: PEM files and logins, for root in the container only. Secrets.
   * Default: none. Changing them: in place; certificates are exchanged while HAProxy runs.
   */
  secretFiles?: Readonly<Record<string, pulumi.Input<string>>>;
  /** URL that clients use; for the outputs. */
  url: string;
  /** What must be there before the configuration names it: the services behind. Default: nothing. */
  after?: pulumi.Resource[];
  transform?: {
    container?: Transform<docker.ContainerArgs>;
    keepalived?: Transform<docker.ContainerArgs>;
    model?: (model: HaproxyModel) => HaproxyModel;
  };
}

export interface VirtualAddressArgs
  extends Pick<KeepalivedGroup, "address" | "prefixLength" | "routerId" | "intervalMs"> {
  /** keepalived's image, by digest. Changing it: keepalived starts anew. */
  image: pulumi.Input<string>;
}

/** HAProxy and what it runs, in one place. */
interface Instance {
  readonly container: docker.Container;
  readonly config: HaproxyConfig;
  readonly storage: docker.Volume;
  /** With a virtual address. */
  readonly keepalived?: docker.Container;
}

/** Where an instance runs. */
interface Place {
  /** Names its resources. */
  readonly name: string;
  /** The load balancer's name. */
  readonly balancer: string;
  readonly image: pulumi.Input<string>;
  /** Of its resources there. */
  readonly resident: pulumi.CustomResourceOptions;
  readonly docker: DockerTargetArgs;
  /** What must be there before. */
  readonly after: readonly pulumi.Resource[];
  readonly runtime?: ContainerRuntime;
}

/** HAProxy in a container, on a hypervisor or in machines, and the configuration that it runs. */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly url: string;
  /** haproxy.cfg, whole; known in the preview where the model is. */
  readonly config: pulumi.Output<string>;
  /** By machine; `hypervisor` where it runs there. */
  readonly nodes: Readonly<Record<string, Instance>>;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:LoadBalancer", name, {}, opts);
    this.url = args.url;
    this.config = pulumi.output(args.model).apply((known) => {
      const model = known as HaproxyModel;
      return renderHaproxy(args.transform?.model?.(model) ?? model);
    });
    const nodes: Record<string, Instance> = {};
    let before: pulumi.Resource[] = [];
    for (const place of this.#places(name, args)) {
      const instance = this.#instance(place, args, before);
      nodes[place.runtime?.machine.name ?? "hypervisor"] = instance;
      before = [instance.config, ...(instance.keepalived ? [instance.keepalived] : [])];
    }
    this.nodes = nodes;
    this.registerOutputs({ url: this.url, config: this.config });
  }

  #places(name: string, { hypervisor, machines = [], virtualAddress, image }: LoadBalancerArgs): Place[] {
    if ((hypervisor === undefined) === (machines.length === 0)) {
      throw new pulumi.ResourceError(
        `load balancer "${name}": give either "hypervisor" or "machines", where it is to run.`,
        this,
        true,
      );
    }
    if (machines.length > 1 && virtualAddress === undefined) {
      throw new pulumi.ResourceError(
        `load balancer "${name}": ${machines.length} machines need one address; give "virtualAddress", or one machine.`,
        this,
        true,
      );
    }
    if (hypervisor !== undefined) {
      return [
        {
          name,
          balancer: name,
          image,
          resident: { parent: this, provider: hypervisor.docker },
          docker: { host: hypervisor.dockerHost },
          after: [hypervisor.nodes.network],
        },
      ];
    }
    return machines.map((runtime) => ({
      // No name of either has a dot: no two of these are the same.
      name: `${name}.${runtime.machine.name}`,
      balancer: name,
      image: runtime.pull(`loadBalancer-${name}`, image).imageId,
      resident: runtime.resident(this),
      docker: runtime.target,
      after: [runtime.nodes.engine],
      runtime,
    }));
  }

  #instance(place: Place, args: LoadBalancerArgs, before: readonly pulumi.Resource[]): Instance {
    const { name, resident } = place;
    const { after = [] } = args;
    const storage = new docker.Volume(name, {}, resident);
    const container = new docker.Container(
      ...transformed(
        args.transform?.container,
        name,
        {
          image: place.image,
          // The host's own network: it binds the addresses that the model names, and reaches the machines directly.
          networkMode: "host",
          volumes: [{ volumeName: storage.name, containerPath: "/etc/haproxy" }],
          // All that is written is the configuration and the Runtime API's socket.
          readOnly: true,
          // Where processors are short, it goes before what it balances: a busy replica delays its own answers, not all.
          cpuShares: 10_240,
          tmpfs: { "/run/haproxy": "rw,noexec,nosuid,nodev,size=1m,mode=0700" },
          restart: "unless-stopped",
          // A line a request: 50 MB at the most.
          logDriver: "json-file",
          logOpts: { "max-size": "10m", "max-file": "5" },
          capabilities: {
            drops: ["ALL"],
            adds: ["NET_BIND_SERVICE", "SETGID", "SETUID", "SYS_CHROOT", "KILL"],
          },
          securityOpts: ["no-new-privileges:true"],
          // HAProxy's own signal for an end after what is under way; SIGTERM would cut it.
          labels: Object.entries(loadBalancerLabels(place.balancer)).map(([label, value]) => ({
            label,
            value,
          })),
          stopSignal: "SIGUSR1",
          destroyGraceSeconds: endSeconds,
        } as docker.ContainerArgs,
        {
          ...resident,
          // What is to be deleted goes before what it depends on: the old HAProxy before the old replicas that it knows.
          dependsOn: [...place.after, ...before, ...after],
          // Both may listen at once: HAProxy binds its ports with SO_REUSEPORT, and the file in the volume is the one in force.
          deleteBeforeReplace: false,
        },
      ),
    );
    const config = new HaproxyConfig(
      name,
      {
        docker: place.docker,
        container: container.id,
        config: this.config,
        ...(args.secretFiles && { secretFiles: args.secretFiles }),
      },
      { parent: this, deletedWith: container, dependsOn: [...before, ...after] },
    );
    const { virtualAddress: group } = args;
    const { runtime } = place;
    if (group === undefined || runtime === undefined) return { container, config, storage };
    const own = runtime.machine.address;
    const members = (args.machines ?? []).map(({ machine }) => machine.address);
    const keepalived = new docker.Container(
      ...transformed(
        args.transform?.keepalived,
        `${name}.keepalived`,
        {
          image: runtime.pull(`loadBalancer-${place.balancer}-keepalived`, group.image).imageId,
          networkMode: "host",
          envs: [`ADDRESS=${own}`, `CONFIG=${keepalivedConfig({ ...group, members }, own)}`],
          readOnly: true,
          tmpfs: { "/run": "rw,noexec,nosuid,nodev,size=1m", "/tmp": "rw,noexec,nosuid,nodev,size=1m" },
          restart: "unless-stopped",
          // It sets the address, and speaks VRRP, which is a protocol beside TCP; its check gives up groups.
          capabilities: { drops: ["ALL"], adds: ["NET_ADMIN", "NET_RAW", "SETGID"] },
          securityOpts: ["no-new-privileges:true"],
          destroyGraceSeconds: 10,
        } as docker.ContainerArgs,
        // A machine takes the address once its HAProxy has a configuration; two keepaliveds on one machine would fight for it.
        { ...resident, dependsOn: [...place.after, config], deleteBeforeReplace: true },
      ),
    );
    return { container, config, storage, keepalived };
  }
}
