import { MachineReplica, type SshKey } from "@berth/sdk";
import * as pulumi from "@pulumi/pulumi";
import type { Hypervisor } from "./hypervisor.js";
import type { Start } from "./startPlan.js";
import { VirtualMachine } from "./virtualMachine.js";

/** The machine that a replica is. */
export interface MachineReplicaPlace {
  /** Changing it: a machine is made there, and the old one is deleted when all else has succeeded. */
  hypervisor: Hypervisor;
  /**
   * Name of the machine, unique in the stack. Changing it: another machine beside the old one; so it should change with what
   * replaces a machine, `image` and `cloudConfig`.
   */
  guest: string;
  /** libvirt's name of it. Default: `guest`. Changing it: replaces the machine, the old one first. */
  domainName?: string;
  /** IPv4 address in the hypervisor's network. Changing it: replaces the machine, the old one first. */
  address: string;
  /** MAC address. Changing it: replaces the machine, the old one first. */
  mac: string;
  /** It is ready ahead, and no load balancer is to send it requests. Default false. Changing it: nothing but the endpoint. */
  warm?: boolean;
}

export interface MachineServiceArgs {
  /** Name of a guest image of the hypervisors, with the program in it. Changing it: replaces the machines. */
  image: string;
  /** Replicas by key. Adding or removing a key touches no other replica. */
  replicas: Readonly<Record<string, MachineReplicaPlace>>;
  /** TCP port on which each machine answers. Changing it: in place, and each replica is waited for. */
  port: number;
  /** What tells that a replica is there. Changing it: in place, and each replica is waited for. */
  health: {
    /** `http`: the status of an answer; `tcp`: a connection; `none`: it is there when its machine runs. Default `http`. */
    type?: "http" | "tcp" | "none";
    /** Default `GET`. */
    method?: string;
    /** Header `Host`. Default: the component's name. */
    host?: string;
    /** Default `/`. */
    path?: string;
    /** One status, or several and ranges of them, such as `200-299,304`. Default 200. */
    status?: number | string;
    /** How long one answer may take. Default `2s`. */
    timeout?: string;
  };
  /** Virtual processors of each. Default 2. Changing it: restart, on the same disk. */
  cpus?: number;
  /** e.g. `2GiB`. Default `1GiB`. Changing it: restart, on the same disk. */
  memory?: string;
  /** Size of the root disk. Default `4GiB`. Raising it: in place. */
  disk?: string;
  /** cloud-config that starts the program where the image does not. Default: none. Changing it: replaces the machines. */
  cloudConfig?: Readonly<Record<string, unknown>>;
  /** See `VirtualMachine`. Default `auto`. Changing it: nothing happens. */
  start?: Start;
  /** How long a guest may take to shut itself down. Default `2m`. Changing it: in place. */
  stopGrace?: string;
  /** How long a replica may take until it answers. Default `10m`. Changing it: nothing happens. */
  readyTimeout?: string;
  /** The operator's key pair. Default: one a machine. Changing it: replaces the machines. */
  operatorKey?: SshKey;
}

/** Where a replica answers that is a machine. */
export interface MachineEndpoint {
  readonly replica: string;
  /** Name of its hypervisor. */
  readonly machine: string;
  readonly guest: string;
  readonly address: string;
  readonly port: number;
  /** It answers, and is to get no requests yet. */
  readonly warm: boolean;
}

/** A service each replica of which is a virtual machine of its own. It is there when every replica answers. */
export class MachineService extends pulumi.ComponentResource {
  readonly endpoints: readonly MachineEndpoint[];
  readonly nodes: {
    /** By replica. */
    readonly machines: Readonly<Record<string, VirtualMachine>>;
    readonly replicas: Readonly<Record<string, MachineReplica>>;
  };

  constructor(name: string, args: MachineServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:MachineService", name, {}, opts);
    const machines: Record<string, VirtualMachine> = {};
    const replicas: Record<string, MachineReplica> = {};
    const { health, readyTimeout = "10m" } = args;
    for (const [key, { hypervisor, guest, domainName, address, mac }] of Object.entries(args.replicas)) {
      const machine = new VirtualMachine(
        guest,
        {
          hypervisor,
          image: args.image,
          address,
          mac,
          cpus: args.cpus ?? 2,
          ...(args.memory !== undefined && { memory: args.memory }),
          ...(args.disk !== undefined && { disk: args.disk }),
          ...(domainName !== undefined && { domainName }),
          ...(args.cloudConfig && { cloudConfig: args.cloudConfig }),
          // It starts the program, and so has to take effect.
          newSeed: "replace",
          ...(args.start && { start: args.start }),
          ...(args.stopGrace !== undefined && { stopGrace: args.stopGrace }),
          ...(args.operatorKey && { operatorKey: args.operatorKey }),
        },
        { parent: this },
      );
      machines[key] = machine;
      replicas[key] = new MachineReplica(
        guest,
        {
          replica: key,
          hypervisor: hypervisor.name,
          guest,
          domain: machine.domainId,
          address,
          port: args.port,
          health: {
            type: health.type ?? "http",
            method: health.method ?? "GET",
            host: health.host ?? name,
            path: health.path ?? "/",
            status: String(health.status ?? 200),
            timeout: health.timeout ?? "2s",
          },
          readyTimeout,
          consoleLog: machine.consoleLog,
        },
        { parent: this, deletedWith: machine.nodes.domain },
      );
    }
    this.endpoints = Object.entries(args.replicas).map(
      ([replica, { hypervisor, guest, address, warm = false }]) => ({
        replica,
        machine: hypervisor.name,
        guest,
        address,
        port: args.port,
        warm,
      }),
    );
    this.nodes = { machines, replicas };
    this.registerOutputs({ endpoints: this.endpoints });
  }
}
