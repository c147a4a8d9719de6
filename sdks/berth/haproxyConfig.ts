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
  /**
   * haproxy.cfg, whole. Changing it: in place, checked by HAProxy first. Where only `server` lines of backends differ, through
   * the Runtime API: new servers are up before old ones drain, and these go when they have no sessions. The rest reloads
   * HAProxy without dropping connections. A server that changes its address needs another name for the first way.
   */
  config: pulumi.Input<string>;
  /**
   * Files that the configuration names and only root may read, by name: certificates with their keys, logins. They lie in the
   * folder `secret` beside the configuration; what else is in it goes. Secret, whatever they are given as. Default: none.
   * Changing them: in place. Where nothing but certificates (`NAME.pem`) change that HAProxy has loaded, it exchanges them while it
   * runs; else it is reloaded.
   */
  secretFiles?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Path of the file in the container. Default `/etc/haproxy/haproxy.cfg`. Changing it: replace. */
  path?: pulumi.Input<string>;
}

/**
 * The configuration that a HAProxy container runs. One that HAProxy refuses never replaces a good one, and where a reload
 * fails the old one is put back. Drift: a changed file, a running worker that started from another one, or servers in force
 * that are not the file's (added, removed, drained, in maintenance, of another weight).
 */
export class HaproxyConfig extends pulumi.CustomResource {
  /** SHA-256 of the configuration in force. */
  declare readonly sha256: pulumi.Output<string>;

  constructor(name: string, args: HaproxyConfigArgs, opts?: pulumi.CustomResourceOptions) {
    const { secretFiles } = args;
    const secret = secretFiles && { secretFiles: pulumi.secret(secretFiles) };
    super("berth:index:HaproxyConfig", name, { ...args, ...secret, sha256: undefined }, opts);
  }
}
