import { DockerEngine, type DockerEngineArgs, type DockerTargetArgs } from "@berth/sdk";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { defaultDaemon } from "./dockerDaemon.js";
import { domainOption } from "./domainOption.js";
import { milliseconds } from "./quantity.js";
import { defaultSshFolder, sshFile } from "./sshFiles.js";
import { type Transform, transformed } from "./transform.js";
import type { VirtualMachine } from "./virtualMachine.js";

export interface ContainerRuntimeArgs {
  /** The machine that Docker runs in, whose `power` is `running`. Changing it: replaces Docker's record and every container. */
  machine: VirtualMachine;
  /**
   * Docker's daemon.json, merged over {@link defaultDaemon}, key by key. Default: none of its own.
   * Changing it: in place; Docker is reloaded, or restarted while containers go on (`live-restore`).
   */
  daemon?: Record<string, any>;
  /** Registries' certificate authorities to trust: `host:port` to PEM. Default: none. Changing it: in place, nothing restarts. */
  certificates?: Record<string, pulumi.Input<string>>;
  /** The guest's package that brings Docker where it is missing. Default `docker.io`. Changing it: in place. */
  package?: pulumi.Input<string>;
  /**
   * How long each step may take: until something answers at the machine's address, from then until SSH lets us in, from then until
   * the first boot is over; e.g. `15m`. Default `10m`. Changing it: nothing happens.
   */
  bootTimeout?: string;
  /** How long Docker may take after that, its installation included, until it answers. Default `10m`. Changing it: nothing happens. */
  dockerTimeout?: string;
  /** Folder for the private key and known hosts that Docker's `ssh://` reads. Default {@link defaultSshFolder}. Changing it: in place. */
  sshFolder?: string;
  /**
   * The words by which the machine was taken back to a {@link Snapshot}. Default: none. One more: replaces Docker's record and
   * every container, and removes those that came back with the snapshot. One less: nothing happens.
   */
  reverted?: readonly string[];
  transform?: {
    engine?: Transform<DockerEngineArgs>;
    provider?: Transform<docker.ProviderArgs>;
  };
}

/** Docker Engine in a virtual machine: installed where it is missing, configured, enabled, running, and reached over SSH only. */
export class ContainerRuntime extends pulumi.ComponentResource {
  readonly machine: VirtualMachine;
  /** Docker Engine's version. */
  readonly version: pulumi.Output<string>;
  /** The guest's identity: another one means that everything on the machine is gone. */
  readonly machineId: pulumi.Output<string>;
  /** For resources of `@pulumi/docker` on this engine. */
  readonly provider: docker.Provider;
  /** The same engine, for resources of Berth's own. */
  readonly target: DockerTargetArgs;
  readonly nodes: { readonly engine: DockerEngine; readonly provider: docker.Provider };
  readonly #running: pulumi.Resource;
  readonly #trigger: pulumi.Output<string>;
  readonly #images = new Map<string, docker.RemoteImage>();

  constructor(name: string, args: ContainerRuntimeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:ContainerRuntime", name, {}, opts);
    this.machine = args.machine;
    const { running } = args.machine.nodes;
    if (running === undefined) {
      throw new pulumi.ResourceError(
        `runtime "${name}": machine "${args.machine.name}" does not run, so Docker in it can't be reached. ` +
          'Set its "power" to "running", or leave out the runtime and what is on it.',
        this,
        true,
      );
    }
    this.#running = running;
    const { bootTimeout = "10m", dockerTimeout = "10m" } = args;
    const whole = `${3 * milliseconds(bootTimeout) + milliseconds(dockerTimeout)}ms`;

    const engine = new DockerEngine(
      ...transformed(
        args.transform?.engine,
        name,
        {
          connection: args.machine.ssh,
          machine: args.machine.domainId,
          ...(args.reverted && { reverted: [...args.reverted] }),
          daemon: { ...defaultDaemon, ...args.daemon },
          certificates: args.certificates ?? {},
          consoleLog: args.machine.consoleLog,
          ...(args.package !== undefined && { package: args.package }),
          bootTimeout,
        },
        {
          parent: this,
          deletedWith: args.machine.nodes.domain,
          dependsOn: [args.machine],
          customTimeouts: { create: whole, update: whole },
        },
      ),
    );

    const folder = args.sshFolder ?? defaultSshFolder();
    const { host, user, hostKey, privateKey } = args.machine.ssh;
    const identity = sshFile(`${folder}/${name}.key`, privateKey);
    const knownHosts = sshFile(`${folder}/${name}.known_hosts`, pulumi.interpolate`${host} ${hostKey}`);
    this.target = {
      // Unknown until the engine has answered once: a preview of a machine that does not exist never connects to it.
      host: engine.engineId.apply(() => pulumi.interpolate`ssh://${user}@${host}`),
      sshOpts: [
        "-i",
        identity,
        "-o",
        pulumi.interpolate`UserKnownHostsFile=${knownHosts}`,
        "-o",
        "StrictHostKeyChecking=yes",
        // For Berth's own plugins; OpenSSH passes over it.
        "-o",
        "IgnoreUnknown=BerthDomain",
        "-o",
        pulumi.interpolate`BerthDomain=${domainOption(args.machine.ssh.domain)}`,
      ],
    };
    const provider = new docker.Provider(
      ...transformed(
        args.transform?.provider,
        name,
        { ...this.target, disableDockerDaemonCheck: true } as docker.ProviderArgs,
        { parent: this },
      ),
    );

    this.provider = provider;
    this.version = engine.version;
    this.machineId = engine.machineId;
    this.#trigger = pulumi
      .all([engine.machineId, engine.takenBack])
      .apply(([id, words = []]) => [id, ...words].join("\n"));
    this.nodes = { engine, provider };
    this.registerOutputs({ version: this.version, machineId: this.machineId });
  }

  /** Options for a resource that lives on this engine: gone with the machine or its power, made anew on a new one. */
  resident(parent: pulumi.Resource): pulumi.CustomResourceOptions {
    return {
      parent,
      provider: this.provider,
      deletedWith: this.#running,
      replacementTrigger: this.#trigger,
      dependsOn: [this.nodes.engine],
    };
  }

  /**
   * An image on this engine, pulled once however many containers use it.
   *
   * @param key names the resource; the same key gives the same image.
   * @param reference by digest, so that it is known which content runs.
   */
  pull(key: string, reference: pulumi.Input<string>): docker.RemoteImage {
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    const image = new docker.RemoteImage(
      `${this.machine.name}-${key}`,
      { name: reference },
      this.resident(this),
    );
    this.#images.set(key, image);
    return image;
  }
}
