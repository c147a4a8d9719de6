import * as pulumi from "@pulumi/pulumi";
import type { SshTargetArgs } from "./sshTarget.js";

export interface DockerEngineArgs {
  /** The machine. Changing host, port, user or keys: in place (the same machine reached another way). */
  connection: pulumi.Input<SshTargetArgs>;
  /**
   * An identity of the machine (its domain's UUID): another one means another, empty machine. Changing it: replace, and with
   * it everything that is triggered by `machineId`.
   */
  machine: pulumi.Input<string>;
  /**
   * Words by which the machine was taken back to snapshots of it. Default: none. One more: replace, and with it everything that
   * is triggered by `takenBack`; the stack's containers that came back with the snapshot are removed. One less: nothing happens.
   */
  reverted?: pulumi.Input<pulumi.Input<string>[]>;
  /** daemon.json, as an object. Default `{}`. Changing it: in place; Docker is reloaded or restarted, the machine is not. */
  daemon?: pulumi.Input<Record<string, any>>;
  /** Registries' certificate authorities: `host:port` to PEM, put in /etc/docker/certs.d. Default: none. Changing it: in place, without a restart. */
  certificates?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** The guest's package that brings Docker where it is missing. Default `docker.io`. Changing it: in place. */
  package?: pulumi.Input<string>;
  /** File, on the machine that runs the program, with the guest's serial console, shown when it never answers. Default: none. Changing it: in place. */
  consoleLog?: pulumi.Input<string>;
  /**
   * How long each step may take: until something answers at the machine's address, from then until SSH lets us in, from then until
   * the first boot is over; e.g. `10m`. Default `10m`. Changing it: in place, nothing happens.
   */
  bootTimeout?: pulumi.Input<string>;
}

/**
 * Docker Engine, installed where it is missing, configured, enabled and answering. Its own work (unpacking images, making containers)
 * weighs a tenth of a container where both want processors. Connections that wait at a program on a port as it ends go to another one
 * there (`net.ipv4.tcp_migrate_req`, where the kernel has it). Destroying it leaves the machine's Docker and this setting as they are.
 */
export class DockerEngine extends pulumi.CustomResource {
  /** Docker Engine's version, e.g. `20.10.24`. */
  declare readonly version: pulumi.Output<string>;
  /** The guest's /etc/machine-id. */
  declare readonly machineId: pulumi.Output<string>;
  /** Docker's own id of the engine (`docker info`). */
  declare readonly engineId: pulumi.Output<string>;
  /** The words in `reverted` when it was made. */
  declare readonly takenBack: pulumi.Output<string[] | undefined>;

  constructor(name: string, args: DockerEngineArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "berth:index:DockerEngine",
      name,
      { ...args, version: undefined, machineId: undefined, engineId: undefined, takenBack: undefined },
      opts,
    );
  }
}
