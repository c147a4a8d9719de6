import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Docker from "dockerode";
import { type Lab, startLab, stopLab } from "../../../lab/index.js";
import { ContainerShell } from "../../../providers/berth/haproxy/containerShell.js";
import { runningServers } from "../../../providers/berth/haproxy/runningServer.js";
import { RuntimeApi } from "../../../providers/berth/haproxy/runtimeApi.js";
import { haproxyConfig as handler } from "../../../providers/berth/haproxyConfig.js";
import { poll } from "../../../providers/kit/index.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";
import { typeScriptArguments } from "../typeScriptProcess.js";
import { configPath as path, startConfinedHaproxy } from "./confinedHaproxy.js";
import { importHaproxyImage } from "./haproxyImage.js";

const log = () => {};
const signal = new AbortController().signal;

/** HAProxy in a container of a lab of its own, confined as the load balancer's component does it, and servers behind it. */
export class HaproxyLab {
  readonly #home = mkdtempSync(join(tmpdir(), "berth-haproxy-lab-"));
  #lab!: Lab;
  #container!: Docker.Container;
  #shell!: ContainerShell;
  #servers!: ChildProcessWithoutNullStreams;

  /** @param agent a port on which an agent says that all is well */
  static async start(ports: readonly number[], agent: number): Promise<HaproxyLab> {
    const made = new HaproxyLab();
    try {
      await made.#start(ports, agent);
      return made;
    } catch (error) {
      await made.stop();
      throw error;
    }
  }

  async #start(ports: readonly number[], agent: number): Promise<void> {
    this.#lab = await startLab({ berthHome: this.#home, log });
    const docker = new Docker({ socketPath: this.#lab.dockerHost.replace("unix://", "") });
    const image = await importHaproxyImage(docker);
    const script = fileURLToPath(new URL("upstreams.ts", import.meta.url));
    this.#servers = spawn("nsenter", [
      `--net=${this.#lab.netns}`,
      process.execPath,
      ...typeScriptArguments(script),
    ]);
    this.#servers.stderr.pipe(process.stderr);
    const answers = createInterface({ input: this.#servers.stdout })[Symbol.asyncIterator]();
    for (const command of [...ports.map((port) => `start ${port}`), `agent ${agent}`]) {
      this.#servers.stdin.write(`${command}\n`);
      await answers.next();
    }
    this.#container = await startConfinedHaproxy(docker, image);
    this.#shell = new ContainerShell(this.#container);
  }

  async stop(): Promise<void> {
    this.#servers?.stdin.end();
    this.#shell?.close();
    await this.#container?.remove({ force: true, v: true });
    await stopLab({ berthHome: this.#home, log });
    rmSync(this.#home, { recursive: true, force: true });
  }

  #inputs(config: string, secretFiles: Readonly<Record<string, string>>) {
    return {
      docker: { host: this.#lab.dockerHost },
      container: this.#container.id,
      config,
      path,
      secretFiles,
    };
  }

  /** What it told, in order. */
  async apply(
    config: string,
    secretFiles: Readonly<Record<string, string>> = {},
    call = testCall(),
  ): Promise<readonly string[]> {
    await handler.create(this.#inputs(config, secretFiles), call);
    return call.told;
  }

  /** Whether a refresh finds that what runs is what is declared. */
  async inForce(config: string, secretFiles: Readonly<Record<string, string>> = {}): Promise<boolean> {
    const state = { sha256: "", inForce: true };
    const found = await handler.read?.("lb", state, this.#inputs(config, secretFiles), testCall());
    return found?.state.inForce === true && found.inputs.config === config;
  }

  get api(): RuntimeApi {
    return new RuntimeApi(this.#shell, "/run/haproxy/admin.sock");
  }

  async servers() {
    const found = runningServers(await this.api.ask("show servers state", signal));
    return found
      .map(({ backend, name, up: _, ...rest }) => ({ ...rest, name: `${backend}/${name}` }))
      .sort((one, other) => one.name.localeCompare(other.name));
  }

  /** All that HAProxy tells of what it runs, but for figures that grow. */
  async state() {
    const stat = (await this.api.ask("show stat", signal)).split("\n");
    const columns = stat[0]!.slice(2).split(",");
    const kept = ["pxname", "svname", "slim", "weight", "act", "bck", "type", "mode", "algo", "cookie"];
    const rows = stat.slice(1).flatMap((line) => {
      const cells = line.split(",");
      if (cells.length < 2) return [];
      const value = (name: string) => cells[columns.indexOf(name)] ?? "";
      // Slow start goes through weights, and a check may be under way.
      const still = kept.filter((name) => !["weight", "act", "bck"].includes(name) || value("type") !== "2");
      return [
        still
          .filter((name) => !(value("type") === "1" && /act|bck|weight/.test(name)))
          .map(value)
          .join(),
      ];
    });
    const certificates: string[] = [];
    for (const name of (await this.api.ask("show ssl cert", signal)).match(/^\/\S+/gm) ?? []) {
      const answer = await this.api.ask(`show ssl cert ${name}`, signal);
      certificates.push(`${name} ${/^Serial: .*/m.exec(answer)?.[0]} ${/^Status: .*/m.exec(answer)?.[0]}`);
    }
    const tables = (await this.api.ask("show table", signal))
      .split("\n")
      .map((line) => line.replace(/, used:.*/, ""))
      .filter((line) => line !== "")
      .sort();
    return { servers: await this.servers(), rows: rows.sort(), certificates: certificates.sort(), tables };
  }

  /** Ends HAProxy, master and workers, by SIGKILL, starts it again and waits for it. */
  async kill(): Promise<void> {
    await this.#container.kill();
    await this.#container.start();
    await poll({
      what: "HAProxy after its end",
      signal: AbortSignal.timeout(60_000),
      every: 100,
      until: () => this.servers().then(() => true),
      retry: () => true,
    });
  }
}
