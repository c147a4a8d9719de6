import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { findEngine } from "./findEngine.js";

const root = resolve(import.meta.dirname, "../..");
const stack = "dev";

export interface EngineProjectOptions {
  /** The program's `index.js`, an ES module; it finds what this repository has installed. */
  readonly program: string;
  /** The plugins, by name: the command that starts each (for one of ours, node with `typeScriptArguments`). */
  readonly plugins: Readonly<Record<string, readonly string[]>>;
  /** For the engine, the program and the plugins. */
  readonly env?: Readonly<Record<string, string>>;
  /** The command that they are started by, such as one that enters a network namespace. Default: none. */
  readonly enter?: readonly string[];
}

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningEngine {
  readonly child: ChildProcess;
  readonly output: Promise<Output>;
  /** Resolves when this text is on its standard output. */
  printed(text: string): Promise<void>;
}

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>> | null;
}

/** A Pulumi project in a temporary folder with a state of its own, run by the real engine. */
export class EngineProject {
  readonly dir = mkdtempSync(join(tmpdir(), "berth-engine-"));
  /** All that the engine has printed, for secrets to be looked for. */
  transcript = "";
  readonly #env: Record<string, string | undefined>;
  readonly #pulumi: string;
  readonly #enter: readonly string[];

  private constructor(pulumi: string, options: EngineProjectOptions) {
    this.#pulumi = pulumi;
    this.#enter = options.enter ?? [];
    this.#env = {
      ...process.env,
      // The language host lies beside the engine, and starts the first Node.js that it finds.
      PATH: [dirname(pulumi), dirname(process.execPath), process.env["PATH"]].join(delimiter),
      PULUMI_HOME: join(this.dir, "home"),
      // The language host leaves its pipes there.
      TMPDIR: join(this.dir, "tmp"),
      PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "for a test",
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...options.env,
    };
    mkdirSync(join(this.dir, "state"));
    mkdirSync(join(this.dir, "tmp"));
    symlinkSync(join(root, "node_modules"), join(this.dir, "node_modules"));
    this.write("package.json", JSON.stringify({ name: "program", type: "module", main: "index.js" }));
    this.write("index.js", options.program);
    for (const [name, command] of Object.entries(options.plugins)) this.#plugin(name, command);
    const providers = Object.keys(options.plugins).map((name) => ({ name, path: `./plugins/${name}` }));
    // JSON is YAML too.
    const project = {
      name: "program",
      runtime: { name: "nodejs", options: { typescript: false } },
      plugins: { providers },
    };
    this.write("Pulumi.yaml", JSON.stringify(project));
  }

  static async create(options: EngineProjectOptions): Promise<EngineProject> {
    const project = new EngineProject(await findEngine(), options);
    await project.succeed("stack", "init", stack);
    return project;
  }

  /** Writes a file of the project, for instance one that the program reads. */
  write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text);
  }

  /** Runs a command of the engine, whatever its end. */
  run(...args: string[]): Promise<Output> {
    return this.start(...args).output;
  }

  /** Starts a command of the engine, for a test that does something to it meanwhile. */
  start(...args: string[]): RunningEngine {
    const running = this.#start(args);
    const keep = ({ stdout, stderr }: Output) => {
      this.transcript += stdout + stderr;
    };
    // Whoever awaits the output is told of an error.
    running.output.then(keep, () => {});
    return running;
  }

  /** Runs a command of the engine that must succeed. */
  async succeed(...args: string[]): Promise<Output> {
    return successful(args, await this.run(...args));
  }

  up(...args: string[]): Promise<Output> {
    return this.succeed("up", "--yes", "--skip-preview", ...args);
  }

  /** What an update would do: names of resources, by operation; what stays the same is left out. */
  async plan(...args: string[]): Promise<Record<string, string[]>> {
    const { stdout } = await this.succeed("preview", "--json", ...args);
    const plan: Record<string, string[]> = {};
    for (const { op, urn } of JSON.parse(stdout).steps as { op: string; urn: string }[]) {
      if (op !== "same") plan[op] = [...(plan[op] ?? []), urn.split("::").at(-1)!].sort();
    }
    return plan;
  }

  /** What an update would change of each resource: its operations, and the detailed diff as `path kind`. */
  async changes(...args: string[]): Promise<Record<string, { ops: string[]; changes: string[] }>> {
    const { stdout } = await this.succeed("preview", "--json", ...args);
    const found: Record<string, { ops: string[]; changes: string[] }> = {};
    for (const { op, urn, detailedDiff } of JSON.parse(stdout).steps as Step[]) {
      if (op === "same") continue;
      const name = urn.split("::").at(-1)!;
      found[name] ??= { ops: [], changes: [] };
      const { ops, changes } = found[name];
      ops.push(op);
      for (const [path, { kind }] of Object.entries(detailedDiff ?? {})) {
        const text = `${path} ${kind}`;
        if (!changes.includes(text)) changes.push(text);
      }
      changes.sort();
    }
    return found;
  }

  /** The stack's outputs, secrets in plain text; these are left out of the transcript. */
  async outputs(): Promise<Record<string, any>> {
    const args = ["stack", "output", "--json", "--show-secrets"];
    return JSON.parse(successful(args, await this.#start(args).output).stdout);
  }

  /** The resources as the state file has them, by name; secrets are encrypted. */
  resources(): Record<string, any> {
    const resources = JSON.parse(this.stateText()).checkpoint.latest.resources ?? [];
    return Object.fromEntries(resources.map((it: any) => [it.urn.split("::").at(-1), it]));
  }

  /** The state file, as it lies on the disk. */
  stateText(): string {
    const folder = join(this.dir, "state/.pulumi/stacks/program");
    const file = readdirSync(folder).find(
      (name) => name.startsWith(`${stack}.json`) && !name.endsWith(".bak"),
    );
    return readFileSync(join(folder, file!), "utf8");
  }

  /** The executable that starts a plugin. */
  pluginFile(name: string): string {
    return join(this.dir, "plugins", name, `pulumi-resource-${name}`);
  }

  /** Removes the folder. What the resources stand for must have been destroyed. */
  discard(): void {
    // A plugin that is about to end may still write a log.
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #plugin(name: string, command: readonly string[]): void {
    const folder = join(this.dir, "plugins", name);
    mkdirSync(folder, { recursive: true });
    const words = command.map((word) => `'${word}'`).join(" ");
    const file = this.pluginFile(name);
    writeFileSync(file, `#!/bin/sh\nexec ${words} "$@"\n`);
    chmodSync(file, 0o755);
  }

  #start(args: readonly string[]): RunningEngine {
    const [command, ...words] = [...this.#enter, this.#pulumi, ...args, "--non-interactive", "--color=never"];
    const child = spawn(command!, words, {
      cwd: this.dir,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    const output = new Promise<Output>((done, fail) => {
      child.once("error", fail);
      child.once("close", (code) => done({ code: code ?? 128, stdout, stderr }));
    });
    const printed = (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!stdout.includes(text)) return;
          child.stdout.off("data", look);
          resolve();
        };
        child.stdout.on("data", look);
        look();
      });
    return { child, output, printed };
  }
}

function successful(args: readonly string[], output: Output): Output {
  if (output.code === 0) return output;
  throw new Error(`pulumi ${args.join(" ")}: exit status ${output.code}\n${output.stdout}${output.stderr}`);
}
