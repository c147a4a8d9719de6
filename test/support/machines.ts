import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  metaData,
  networkConfig,
  templateNetworkConfig,
  templateUserData,
  userData,
} from "../../components/cloudInit/index.js";
import { yaml } from "../../components/cloudInit/userData.js";
import { defaultDaemon } from "../../components/dockerDaemon.js";
import { ensureImages } from "../../lab/ensureImages.js";
import type { GuestImageManifest } from "../../lab/guestImage.js";
import { type Lab, startLab, stopLab } from "../../lab/index.js";
import { withDefaults } from "../../providers/berth/domain/checkDomain.js";
import { GuestAgent } from "../../providers/berth/domain/guestAgent.js";
import type { DomainInputs, DomainState } from "../../providers/berth/domain/types.js";
import { domain } from "../../providers/berth/domain.js";
import { savedDomain } from "../../providers/berth/savedDomain.js";
import { sshKey } from "../../providers/berth/sshKey.js";
import type { TemplateInputs, TemplateState } from "../../providers/berth/template/types.js";
import type { Call } from "../../providers/kit/index.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";

const run = promisify(execFile);
const log = (): void => {};
const refreshLimitMs = 60_000;

const cacheDir = process.env["BERTH_CACHE"] ?? join(homedir(), ".cache", "berth");
const pool = "machines";
const gateway = "192.168.150.1";
const gateway6 = "fd00:150::1";

/** A machine that was made, and what it was made with. */
export interface Made {
  readonly id: string;
  readonly inputs: DomainInputs;
  readonly state: DomainState;
  readonly address: string;
  readonly address6: string;
}

/** A call of the plugin as the engine would make it, with what it said. */
export function pluginCall(
  urn: string,
  signal = new AbortController().signal,
): Call<unknown> & { said: string[] } {
  const said: string[] = [];
  return {
    config: undefined,
    urn,
    preview: false,
    signal,
    timeoutMs: 600_000,
    log: (_, message) => void said.push(message),
    status: (message) => void said.push(message),
    said,
  };
}

/** A lab with a network, a pool and a guest image, for machines made by the plugin's own handlers. */
export class Machines {
  readonly made: Made[] = [];
  #next = 10;

  private constructor(
    readonly lab: Lab,
    readonly berthHome: string,
    readonly folder: string,
    readonly manifest: GuestImageManifest,
    readonly templates: string,
  ) {}

  /** @param templates folder for templates; default: one that goes with the lab */
  static async start(templates?: string): Promise<Machines> {
    const berthHome = await mkdtemp(join(tmpdir(), "berth-machines-"));
    await ensureImages({ berthHome, cacheDir, log, names: ["debian-12-docker"] });
    const lab = await startLab({ berthHome, log });
    const image = join(berthHome, "images/debian-12-docker");
    const manifest: GuestImageManifest = JSON.parse(readFileSync(join(image, "image.json"), "utf8"));
    const folder = join("/var/lib/libvirt", pool);
    const machines = new Machines(
      lab,
      berthHome,
      folder,
      manifest,
      templates ?? join(lab.stateDir, "templates"),
    );
    await machines.virsh("pool-define-as", pool, "dir", "--target", folder);
    await machines.virsh("pool-build", pool);
    await machines.virsh("pool-start", pool);
    for (const [name, file, format] of [
      ["base.qcow2", manifest.disk, "qcow2"],
      ["vmlinuz", manifest.kernel, "raw"],
      ["initrd", manifest.initrd, "raw"],
    ] as const) {
      await machines.#upload(name, join(image, file), format);
    }
    const network = join(berthHome, "network.xml");
    await run("sh", [
      "-c",
      `printf '%s' '<network><name>${pool}</name><forward mode="nat"/><bridge name="br-machines" stp="off" delay="0"/><ip address="${gateway}" netmask="255.255.255.0"/><ip family="ipv6" address="${gateway6}" prefix="64"/></network>' >"$0"`,
      network,
    ]);
    await machines.virsh("net-create", network);
    return machines;
  }

  async stop(): Promise<void> {
    await stopLab({ berthHome: this.berthHome, log });
    await rm(this.berthHome, { recursive: true, force: true });
  }

  async virsh(...args: string[]): Promise<string> {
    return (await run("virsh", ["-q", "-c", this.lab.libvirtUri, ...args])).stdout.trim();
  }

  /** The template of a shape: made, or found in the folder. */
  async template(
    change: Partial<TemplateInputs> = {},
    cloudConfig?: Record<string, unknown>,
  ): Promise<{ inputs: TemplateInputs; state: TemplateState }> {
    const text = templateUserData(defaultDaemon) + (cloudConfig ? yaml(cloudConfig) : "");
    const meta = metaData({ instanceId: "berth-template", hostname: "berth-template" });
    const inputs: TemplateInputs = {
      ...this.#shape(change.name ?? "template"),
      image: this.manifest.sha256,
      base: join(this.folder, "base.qcow2"),
      size: this.manifest.size,
      seed: await this.#seed(`${change.name ?? "template"}-seed`, text, meta, templateNetworkConfig),
      seedDigest: createHash("sha256").update(text).digest("hex"),
      pool,
      cache: this.templates,
      cacheSize: 8 * 2 ** 30,
      ...change,
    };
    const { state } = await savedDomain.create(inputs, pluginCall(`urn:template:${inputs.name}`));
    return { inputs, state };
  }

  /** What a machine is made with; a template makes it a fork. */
  async inputs(
    name: string,
    template?: TemplateState,
    cloudConfig?: Record<string, unknown>,
  ): Promise<DomainInputs> {
    const { state: key } = await sshKey.create({ comment: name }, pluginCall(`urn:key:${name}`));
    const mac = `52:54:00:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`;
    const number = this.#next++;
    const address = `192.168.150.${number}`;
    const ipv6 = { address6: `fd00:150::${number.toString(16)}/64`, gateway6 };
    const text = userData({
      hostname: name,
      authorizedKeys: [key.publicKey],
      hostKey: key,
      ...(cloudConfig && { cloudConfig }),
    });
    const network = networkConfig({
      macAddress: mac,
      address,
      prefixLength: 24,
      gateway,
      ...ipv6,
      nameservers: [gateway],
    });
    return withDefaults({
      ...this.#shape(name),
      root: { pool, name: `${name}.qcow2`, base: join(this.folder, "base.qcow2"), size: this.manifest.size },
      seed: await this.#seed(`${name}-seed`, text, metaData({ instanceId: name, hostname: name }), network),
      nic: { network: pool, mac },
      autostart: false,
      power: "running",
      stopGrace: "2m",
      ...(template && {
        template: { path: template.path, disk: template.disk, cpus: 1, memoryMiB: 1024 },
      }),
      reason: "of a test",
      requireFork: template !== undefined,
      identity: {
        hostname: name,
        address: `${address}/24`,
        gateway,
        ...ipv6,
        nameservers: [gateway],
        user: "berth",
        authorizedKeys: [key.publicKey],
        hostKey: key,
        firstBoot: cloudConfig !== undefined,
      },
    });
  }

  async make(inputs: DomainInputs): Promise<Made> {
    const { id, state } = await domain.create(inputs, pluginCall(`urn:${inputs.name}`));
    const { address, address6 = "" } = inputs.identity;
    const made = { id, inputs, state, address: address.split("/")[0]!, address6: address6.split("/")[0]! };
    this.made.push(made);
    return made;
  }

  /** Changes a machine as an update would, and gives what the plugin said. */
  async change(made: Made, change: Partial<DomainInputs>): Promise<string> {
    const inputs = { ...made.inputs, ...change };
    const call = pluginCall(`urn:${made.inputs.name}`);
    const state = await domain.update!(
      { id: made.id, state: made.state, oldInputs: made.inputs, inputs },
      call,
    );
    Object.assign(made, { inputs, state });
    return call.said.join("\n");
  }

  /** Puts what a refresh finds into what is known of a machine. */
  async refresh(made: Made): Promise<void> {
    const call = pluginCall(`urn:${made.inputs.name}`);
    const live = await domain.read!(made.id, made.state, made.inputs, call);
    if (live === undefined) throw new Error(`${made.inputs.name} is gone`);
    Object.assign(made, { id: live.id, inputs: live.inputs, state: live.state });
  }

  async remove(made: Made): Promise<void> {
    await domain.delete(made.id, made.state, pluginCall(`urn:${made.inputs.name}`));
    this.made.splice(this.made.indexOf(made), 1);
  }

  /** Runs a script in a machine through its agent, and gives what it prints. */
  async inGuest(name: string, script: string, limitMs = 120_000): Promise<string> {
    return Libvirt.with(this.lab.libvirtUri, AbortSignal.timeout(limitMs), async (libvirt) => {
      const agent = new GuestAgent(libvirt, name, AbortSignal.timeout(limitMs));
      await agent.ready(limitMs);
      const { code, stdout, stderr } = await agent.run(script, limitMs);
      if (code !== 0) throw new Error(`${name}: exit code ${code}: ${stderr}${stdout}`);
      return stdout.trim();
    });
  }

  /**
   * Waits until a machine's sshd greets whoever connects, as seen from the lab's network: one process, which costs next to nothing.
   * Who has connected waits for that, as each further try would have a busy guest start one sshd more.
   */
  async greets(address: string, limitMs = 300_000): Promise<void> {
    const script = `const { connect } = require("node:net");
      const knock = () => {
        const s = connect(22, process.argv[1]);
        const again = () => { s.destroy(); setTimeout(knock, 50); };
        s.setTimeout(1000, again).once("connect", () => s.setTimeout(0));
        s.once("data", () => process.exit(0)).once("error", again).once("end", again);
      };
      knock();
      setTimeout(() => process.exit(1), ${limitMs});`;
    try {
      await run("nsenter", [`--net=${this.lab.netns}`, process.execPath, "-e", script, address]);
    } catch (error) {
      throw new Error(`${address}: no SSH within ${limitMs} ms`, { cause: error });
    }
  }

  #shape(name: string) {
    return {
      uri: this.lab.libvirtUri,
      name,
      type: "qemu" as const,
      machine: "q35",
      cpus: 1,
      memoryMiB: 1024,
      boot: {
        kernel: join(this.folder, "vmlinuz"),
        initrd: join(this.folder, "initrd"),
        cmdline: this.manifest.cmdline,
      },
      consoleLog: join(this.lab.consoleLogs, `${name}.log`),
    };
  }

  async #upload(name: string, file: string, format: string): Promise<void> {
    await this.virsh("vol-delete", "--pool", pool, name).catch(() => undefined);
    await this.virsh("vol-create-as", pool, name, "1MiB", "--format", format === "qcow2" ? "raw" : format);
    await this.virsh("vol-upload", "--pool", pool, name, file);
    // It waits for uploads that are made at the same time.
    await Libvirt.with(this.lab.libvirtUri, AbortSignal.timeout(refreshLimitMs), (libvirt) =>
      libvirt.run(["pool-refresh", pool]),
    );
  }

  async #seed(name: string, user: string, meta: string, network: string): Promise<string> {
    const folder = await mkdtemp(join(this.berthHome, "seed-"));
    await run("sh", [
      "-c",
      'cd "$0" && printf %s "$1" >user-data && printf %s "$2" >meta-data && { [ -z "$3" ] || printf %s "$3" >network-config; } && genisoimage -quiet -o "$4" -V cidata -r -J .',
      folder,
      user,
      meta,
      network,
      `${folder}.iso`,
    ]);
    await this.#upload(name, `${folder}.iso`, "raw");
    return join(this.folder, name);
  }
}
