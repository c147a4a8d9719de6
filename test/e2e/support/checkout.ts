import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import type { Inventory } from "../../../components/inventory.js";
import { readLab } from "./lab.js";

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const root = resolve(import.meta.dirname, "../../..");

/** Longer than anything that a test does at once. */
const limitMs = 10 * 60_000;

/** This checkout with a folder, and so a lab and a state, of a test's own. */
export class Checkout {
  readonly home: string;
  readonly configFile: string;
  readonly #running = new Set<Promise<Output>>();
  #discarded?: Promise<void>;
  /** All that any command printed, for secrets to be looked for. */
  transcript = "";

  constructor(readonly stack: string) {
    const folder = mkdtempSync(join(tmpdir(), `berth-e2e-${stack}-`));
    this.home = join(folder, "home");
    this.configFile = join(folder, `Pulumi.${stack}.yaml`);
    copyFileSync(join(root, "stacks", `Pulumi.${stack}.yaml`), this.configFile);
  }

  /** Edits the stack's configuration as a user would in their editor. */
  edit(change: (config: Record<string, any>) => void): void {
    const file = parse(readFileSync(this.configFile, "utf8"));
    change(file.config);
    writeFileSync(this.configFile, stringify(file));
  }

  /** `npm start` and its kind, by the name of the script. */
  npm(script: string, ...args: string[]): Promise<Output> {
    return this.run("npm", this.#script(script, ...args));
  }

  /** Plain `pulumi`, as on a user's PATH. */
  pulumi(command: string, ...args: string[]): Promise<Output> {
    const where = ["--stack", this.stack, "--config-file", this.configFile];
    return this.run(join(this.home, "bin/pulumi"), [
      command,
      ...args,
      ...where,
      "--non-interactive",
      "--color=never",
    ]);
  }

  /** What the stack says that it consists of. */
  async inventory(): Promise<Inventory> {
    const args = ["stack", "output", "inventory", "--json", "--stack", this.stack];
    const { code, stdout, stderr } = await this.run(join(this.home, "bin/pulumi"), args);
    if (code !== 0) throw new Error(`stack ${this.stack} has no inventory:\n${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  /** What the lab's libvirt says, beside the stack. */
  async virsh(...args: string[]): Promise<string> {
    const { libvirtUri } = readLab(this.home);
    const { code, stdout, stderr } = await this.run("virsh", ["-q", "-c", libvirtUri, ...args]);
    if (code !== 0) throw new Error(`virsh ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** What an update would do: `create`, `update`, … → URNs without the stack's prefix. */
  async plan(): Promise<Record<string, string[]>> {
    const { code, stdout, stderr } = await this.pulumi("preview", "--json");
    if (code !== 0) throw new Error(`preview failed:\n${stdout}${stderr}`);
    const plan: Record<string, string[]> = {};
    for (const { op, urn } of JSON.parse(stdout).steps as { op: string; urn: string }[]) {
      if (op === "same") continue;
      const [types, name] = urn.split("::").slice(-2) as [string, string];
      const type = types.split("$").at(-1);
      plan[op] = [...(plan[op] ?? []), `${type} ${name}`].sort();
    }
    return plan;
  }

  /** A command inside the lab's network. */
  inLab(command: string, ...args: string[]): Promise<Output> {
    return this.run("nsenter", [`--net=${readLab(this.home).netns}`, "--", command, ...args]);
  }

  /** A command on a machine, with the keys that Berth made. */
  async onMachine(name: string, address: string, command: string): Promise<string> {
    const folder = join(this.home, "ssh", this.stack);
    const { code, stdout, stderr } = await this.inLab(
      "ssh",
      ...["-F", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "StrictHostKeyChecking=yes"],
      ...["-o", `UserKnownHostsFile=${folder}/${name}.known_hosts`, "-i", `${folder}/${name}.key`],
      `berth@${address}`,
      command,
    );
    if (code !== 0) throw new Error(`${name}: ${command}: exit status ${code}: ${stderr}`);
    return stdout.trim();
  }

  /** Ends what the test began, whatever state it is in; nothing is run afterwards. Again: the same. */
  discard(): Promise<void> {
    this.#discarded ??= this.#discard();
    return this.#discarded;
  }

  async run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Output> {
    if (this.#discarded) throw new Error(`${command} is not run: the checkout is being discarded`);
    return this.#run(command, args, env);
  }

  async #discard(): Promise<void> {
    // Where somebody interrupted the test. A command that goes on meanwhile would bring back what is taken down.
    await Promise.allSettled(this.#running);
    if (existsSync(this.home)) {
      await this.#run("npm", this.#script("down", "--force"), {});
    }
    rmSync(resolve(this.home, ".."), { recursive: true, force: true });
  }

  #script(name: string, ...args: string[]): string[] {
    const where = ["--stack", this.stack, "--config-file", this.configFile];
    return ["run", "--silent", name, "--", ...where, ...args];
  }

  #run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Output> {
    const running = this.#start(command, args, env);
    this.#running.add(running);
    const ended = () => void this.#running.delete(running);
    running.then(ended, ended);
    return running;
  }

  #start(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Output> {
    return new Promise((done, fail) => {
      const child = spawn(command, args, {
        cwd: root,
        env: { ...process.env, ...env, BERTH_HOME: this.home },
        stdio: ["ignore", "pipe", "pipe"],
        // The engine then ends what it does and says what that was, which is what a failed test shows.
        timeout: limitMs,
      });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        stdout += chunk;
      });
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        stderr += chunk;
      });
      child.once("error", fail);
      child.once("close", (code) => {
        this.transcript += stdout + stderr;
        done({ code: code ?? 128, stdout, stderr });
      });
    });
  }
}
