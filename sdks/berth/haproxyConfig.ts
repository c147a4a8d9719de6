import * as pulumi from "@pulumi/pulumi";

/** A Docker engine, in the words of `@pulumi/docker`'s provider. */
export interface DockerTargetArgs {
  /** `unix://…` or `ssh://user@host[:port]`. */
  host: pulumi.Input<string>;
  /** For `ssh://`: OpenSSH options. Default: none. */
  sshOpts?: pulumi.Input<pulumi.Input<string>[]>;
}

export interface HaproxyConfigArgs {
  /** The engine that runs HAProxy's container. Changing it: in place (the same engine reached another way). */
  docker: pulumi.Input<DockerTargetArgs>;
  /** The container's id. Changing it: in place; the configuration is put into the new container. */
  container: pulumi.Input<string>;
  /** haproxy.cfg, whole. Changing it: in place; checked by HAProxy first, then reloaded without dropping connections. */
  config: pulumi.Input<string>;
  /** Path of the file in the container. Default `/etc/haproxy/haproxy.cfg`. Changing it: replace. */
  path?: pulumi.Input<string>;
}

/**
 * The configuration that a HAProxy container runs. One that HAProxy refuses never replaces a good one, and where a reload
 * fails the old one is put back. Drift: a changed file, or a running worker that started from another one.
 */
export class HaproxyConfig extends pulumi.CustomResource {
  /** SHA-256 of the configuration in force. */
  declare readonly sha256: pulumi.Output<string>;

  constructor(name: string, args: HaproxyConfigArgs, opts?: pulumi.CustomResourceOptions) {
    super("berth:index:HaproxyConfig", name, { ...args, sha256: undefined }, opts);
  }
}
