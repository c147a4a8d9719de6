import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { type Lab, startLab, stopLab } from "../../lab/index.js";
import { Checkout, type Output } from "../e2e/support/checkout.js";
import { readLab } from "../e2e/support/lab.js";
import { type SshHost, startSshHost } from "./sshHost.js";

const run = promisify(execFile);
const cidr = "192.168.130.0/24";
const gateway = "192.168.130.1";
const bridges = { near: "br-near", far: "br-far" };

/**
 * Stack dev with one machine and two hypervisors, each a libvirtd in namespaces of its own: `near` is the checkout's lab. Their
 * networks are one, as a switch makes those of two hosts one.
 */
export class TwoHypervisors {
  readonly checkout = new Checkout("dev");
  far!: Lab;
  /** Where the load balancer answers. */
  url = "";
  #farHome = "";
  #ssh: SshHost | undefined;

  /**
   * Brings the stack up on `near`, with `far` beside it and empty.
   *
   * @param far how its libvirt is reached: by its socket, or as one on another machine is
   */
  async start(far: "socket" | "ssh" = "socket"): Promise<void> {
    this.#farHome = await mkdtemp(join(tmpdir(), "berth-far-"));
    this.far = await startLab({ berthHome: this.#farHome, log: () => {} });
    const { dockerHost, consoleLogs } = this.far;
    const uri = far === "ssh" ? await this.#startSsh() : this.far.libvirtUri;
    const cache = process.env["BERTH_CACHE"] ?? join(homedir(), ".cache/berth");
    this.checkout.edit((config) => {
      config["berth:hypervisors"] = {
        near: { accelerator: "qemu", network: { cidr, bridge: bridges.near } },
        far: {
          ...{ uri, dockerHost, consoleLogs, accelerator: "qemu" },
          network: { cidr, bridge: bridges.far },
          templates: { path: join(cache, "templates") },
        },
      };
      config["berth:machines"] = {
        "web-1": { hypervisor: "near", disks: { data: { size: "64MiB", mount: "/data", keep: true } } },
      };
      config["berth:registries"] = { main: { hypervisor: "near" } };
      config["berth:containerImages"].web.hypervisor = "near";
      config["berth:services"].web.replicas = 1;
      config["berth:loadBalancers"].public.hypervisor = "near";
    });
    const { stdout } = await this.#succeed(this.checkout.npm("start"));
    this.url = stdout.trim().split("\n").at(-1)!;
    await this.#joinNetworks();
    // By its digest, the image may be pulled from wherever the machine reaches its registry.
    const ref = await this.on(
      "docker image inspect --format '{{index .RepoDigests 0}}' $(docker ps --no-trunc --format '{{.Image}}')",
    );
    this.checkout.edit((config) => {
      config["berth:services"].web.image = { ref };
    });
  }

  async stop(): Promise<void> {
    await this.checkout.discard();
    await this.#ssh?.stop();
    if (this.#farHome === "") return;
    await stopLab({ berthHome: this.#farHome, log: () => {} });
    await rm(this.#farHome, { recursive: true, force: true });
  }

  /** A command on the machine, by SSH from `near`, with the key and the host key that Berth made. */
  on(command: string): Promise<string> {
    return this.checkout.onMachine("web-1", this.address, command);
  }

  /** What tells the machine from all others, in its own words. */
  identity(): Promise<string> {
    return this.on(
      "cat /etc/machine-id /etc/hostname /sys/class/net/eth0/address; sudo cut -d' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub; docker info --format '{{.ID}}'; docker ps --all --quiet --no-trunc",
    );
  }

  get address(): string {
    return this.#inventory.machines[0]!.address;
  }

  #inventory: { machines: { address: string }[] } = { machines: [] };

  /** The hypervisor that the stack's file names. */
  get hypervisor(): string {
    let name = "";
    this.checkout.edit((config) => {
      name = config["berth:machines"]["web-1"].hypervisor;
    });
    return name;
  }

  move(
    machine: string,
    hypervisor: string,
    { env = {}, mode = "auto" }: { env?: NodeJS.ProcessEnv; mode?: "auto" | "live" | "cold" } = {},
  ): Promise<Output> {
    const { checkout } = this;
    const how = ["--mode", mode, "--stack", "dev", "--config-file", checkout.configFile];
    return checkout.run(join(checkout.home, "bin/berth"), ["move", machine, hypervisor, ...how], env);
  }

  async virsh(where: "near" | "far", ...args: string[]): Promise<string> {
    if (where === "near") return this.checkout.virsh(...args);
    return (await run("virsh", ["-q", "-c", this.far.libvirtUri, ...args])).stdout.trim();
  }

  /** All that a hypervisor has of the machine, and of its move. */
  async has(where: "near" | "far"): Promise<string[]> {
    const domains = await this.virsh(where, "list", "--all", "--name");
    const volumes = await this.virsh(where, "vol-list", "--pool", `berth-dev-${where}`);
    const names = volumes.split("\n").map((line) => line.trim().split(/\s+/)[0]!);
    return [...domains.split("\n"), ...names].filter((name) => /web-1|berth-(move|backup)/.test(name)).sort();
  }

  /** The stack describes what there is, and nothing is left to do. */
  async expectAgreement(): Promise<void> {
    const args = ["--yes", "--skip-preview", "--refresh", "--expect-no-changes"];
    await this.#succeed(this.checkout.pulumi("up", ...args));
  }

  async #succeed(work: Promise<Output>): Promise<Output> {
    const output = await work;
    expect(output.code, output.stdout + output.stderr).toBe(0);
    return output;
  }

  /** Has the two see each other as machines of one office do, beside their guests' network. @returns libvirt's URI of `far` */
  async #startSsh(): Promise<string> {
    await this.#succeed(this.checkout.run("npm", ["run", "--silent", "setup"]));
    const [near, far] = [readLab(this.checkout.home).netns, this.far.netns].map((path) => basename(path));
    const [one, other] = ["office-near", "office-far"];
    await run("ip", [
      "link",
      "add",
      one!,
      "netns",
      near!,
      "type",
      "veth",
      "peer",
      "name",
      other!,
      "netns",
      far!,
    ]);
    for (const [netns, device, address] of [
      [near, one, "10.201.0.1/24"],
      [far, other, "10.201.0.2/24"],
    ]) {
      await run("ip", ["--net", netns!, "address", "add", address!, "dev", device!]);
      await run("ip", ["--net", netns!, "link", "set", device!, "up"]);
    }
    const ssh = await startSshHost(this.far, "10.201.0.2:2222");
    this.#ssh = ssh;
    return `qemu+ssh://root@${ssh.address}/system?keyfile=${ssh.keyFile}&known_hosts=${ssh.knownHosts}`;
  }

  async #joinNetworks(): Promise<void> {
    const { checkout, far } = this;
    this.#inventory = await checkout.inventory();
    const netns = { near: readLab(checkout.home).netns, far: far.netns };
    const [one, other] = ["berth-near", "berth-far"];
    const link = ["link", "add", one!, "netns", basename(netns.near), "type", "veth"];
    await run("ip", [...link, "peer", "name", other!, "netns", basename(netns.far)]);
    for (const [where, device] of [
      ["near", one!],
      ["far", other!],
    ] as const) {
      const ip = ["--net", basename(netns[where])];
      await run("ip", [...ip, "link", "set", device, "master", bridges[where], "up"]);
    }
    // One gateway for both.
    await run("ip", ["--net", basename(netns.far), "address", "del", `${gateway}/24`, "dev", bridges.far]);
  }
}
