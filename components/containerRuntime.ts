import { DockerEngine, type DockerEngineArgs } from "@berth/sdk";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { milliseconds } from "./quantity.js";
import { defaultSshFolder, sshFile } from "./sshFiles.js";
import { type Transform, transformed } from "./transform.js";
import type { VirtualMachine } from "./virtualMachine.js";

export interface ContainerRuntimeArgs {
  /** The machine that Docker runs in. Changing it: replaces Docker's record and every container. */
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
  /** How long to wait for SSH and the first boot, e.g. `15m`. Default `10m`. Changing it: nothing happens. */
  bootTimeout?: string;
  /** How long Docker may take after that, its installation included, until it answers. Default `10m`. Changing it: nothing happens. */
  dockerTimeout?: string;
  /** Folder for the private key and known hosts that Docker's `ssh://` reads. Default {@link defaultSshFolder}. Changing it: in place. */
  sshFolder?: string;
  transform?: {
    engine?: Transform<DockerEngineArgs>;
    provider?: Transform<docker.ProviderArgs>;
  };
}

/** Containers survive a restart of Docker, and their logs cannot fill the disk. */
export const defaultDaemon: Readonly<Record<string, unknown>> = {
  "live-restore": true,
  "log-driver": "local",
  "log-opts": { "max-file": "3", "max-size": "10m" },
};

/** Docker Engine in a virtual machine: installed where it is missing, configured, enabled, running, and reached over SSH only. */
export class ContainerRuntime extends pulumi.ComponentResource {
  readonly machine: VirtualMachine;
  /** Docker Engine's version. */
  readonly version: pulumi.Output<string>;
  /** The guest's identity: another one means that everything on the machine is gone. */
  readonly machineId: pulumi.Output<string>;
  /** For resources of `@pulumi/docker` on this engine. */
  readonly provider: docker.Provider;
  readonly nodes: { readonly engine: DockerEngine; readonly provider: docker.Provider };
  readonly #images = new Map<string, docker.RemoteImage>();

  constructor(name: string, args: ContainerRuntimeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:ContainerRuntime", name, {}, opts);
    this.machine = args.machine;
    const { bootTimeout = "10m", dockerTimeout = "10m" } = args;
    const whole = `${milliseconds(bootTimeout) + milliseconds(dockerTimeout)}ms`;

    const engine = new DockerEngine(
      ...transformed(
        args.transform?.engine,
        name,
        {
          connection: args.machine.ssh,
          machine: args.machine.domainId,
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
    const provider = new docker.Provider(
      ...transformed(
        args.transform?.provider,
        name,
        {
          // Unknown until the engine has answered once: a preview of a machine that does not exist never connects to it.
          host: engine.engineId.apply(() => pulumi.interpolate`ssh://${user}@${host}`),
          sshOpts: [
            "-i",
            identity,
            "-o",
            pulumi.interpolate`UserKnownHostsFile=${knownHosts}`,
            "-o",
            "StrictHostKeyChecking=yes",
          ],
          disableDockerDaemonCheck: true,
        } as docker.ProviderArgs,
        { parent: this },
      ),
    );

    this.provider = provider;
    this.version = engine.version;
    this.machineId = engine.machineId;
    this.nodes = { engine, provider };
    this.registerOutputs({ version: this.version, machineId: this.machineId });
  }

  /** Options for a resource that lives on this engine: gone with the machine, made anew on a new one. */
  resident(parent: pulumi.Resource): pulumi.CustomResourceOptions {
    return {
      parent,
      provider: this.provider,
      deletedWith: this.machine.nodes.domain,
      replacementTrigger: this.machineId,
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
