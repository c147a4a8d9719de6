import { HaproxyConfig } from "@berth/sdk";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { HaproxyModel } from "./haproxy/index.js";
import { renderHaproxy } from "./haproxy/index.js";
import type { Hypervisor } from "./hypervisor.js";
import { type Transform, transformed } from "./transform.js";

export interface LoadBalancerArgs {
  /** Runs on this hypervisor's Docker engine, in the hypervisor's own network. Changing it: replace. */
  hypervisor: Hypervisor;
  /** HAProxy's image. Changing it: replace. */
  image: pulumi.Input<string>;
  /** What it balances. Changing it: in place, checked by HAProxy first, without dropping a connection. */
  model: HaproxyModel;
  /** URL that clients use; for the outputs. */
  url: string;
  /** What must be there before the configuration names it: the services behind. Default: nothing. */
  after?: pulumi.Resource[];
  transform?: { container?: Transform<docker.ContainerArgs>; model?: (model: HaproxyModel) => HaproxyModel };
}

/** HAProxy in a container, and the configuration that it runs. */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly url: string;
  /** haproxy.cfg, whole; known in the preview. */
  readonly config: string;
  readonly nodes: {
    readonly container: docker.Container;
    readonly config: HaproxyConfig;
    readonly storage: docker.Volume;
  };

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:LoadBalancer", name, {}, opts);
    const { hypervisor } = args;
    const child = { parent: this, provider: hypervisor.docker };
    const storage = new docker.Volume(name, {}, child);
    const container = new docker.Container(
      ...transformed(
        args.transform?.container,
        name,
        {
          image: args.image,
          // The hypervisor's own network: it binds the addresses that the model names, and reaches the machines directly.
          networkMode: "host",
          volumes: [{ volumeName: storage.name, containerPath: "/etc/haproxy" }],
          restart: "unless-stopped",
          capabilities: {
            drops: ["ALL"],
            adds: ["NET_BIND_SERVICE", "SETGID", "SETUID", "SYS_CHROOT", "KILL"],
          },
          securityOpts: ["no-new-privileges:true"],
        } as docker.ContainerArgs,
        { ...child, dependsOn: [hypervisor.nodes.network], deleteBeforeReplace: true },
      ),
    );
    this.url = args.url;
    this.config = renderHaproxy(args.transform?.model?.(args.model) ?? args.model);
    const config = new HaproxyConfig(
      name,
      { docker: { host: hypervisor.dockerHost }, container: container.id, config: this.config },
      { parent: this, deletedWith: container, dependsOn: args.after ?? [] },
    );
    this.nodes = { container, config, storage };
    this.registerOutputs({ url: this.url, config: this.config });
  }
}
