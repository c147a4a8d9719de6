import { type ChildProcess, type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  haproxyModel,
  renderHaproxy,
  type SecretFile,
  secretFiles,
} from "../../../../components/haproxy/index.js";
import { place } from "../../../../components/placement/index.js";
import { secretContent } from "../../../../components/secretContent.js";
import { parseTopology } from "../../../../components/topology/index.js";
import { issueCertificate } from "../../../../providers/berth/issueCertificate.js";
import { ensurePackages } from "../../../../toolchain/apt.js";
import { waitUntil } from "../../../support/docker/waitUntil.js";
import { typeScriptArguments } from "../../../support/typeScriptProcess.js";

const run = promisify(execFile);

/**
 * What curl says where it was cut off before an answer, at whichever moment it notices: no connection, HTTP/2 cut off, a failed
 * handshake, an empty answer, nobody to send to, a reset. A time-out is none of these.
 */
export const cutOff = /curl: \((7|16|35|52|55|56|92)\)/;

/** What a server behind HAProxy says that it was asked. */
export interface Seen {
  readonly server: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The most requests to `/hold` that it had at once so far. */
  readonly most: number;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a test describes of a topology of two machines; services are `web`, twice, `api`, `next`, and `db` in mode tcp. */
export interface Described {
  /** A load balancer's settings, as in a stack's file. */
  readonly balancer: Readonly<Record<string, unknown>>;
  /** Settings of service `web` beside its own. */
  readonly web?: Readonly<Record<string, unknown>>;
  /** Values under `berth:secrets`. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** HAProxy as a topology describes it, in a network namespace with all of its addresses, and servers behind it that say what they saw. */
export class BalancerHost {
  /** What HAProxy has logged since it was started. */
  readonly logged: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "berth-balancer-"));
  /** Nobody else's. */
  readonly #netns = basename(this.#folder);
  readonly #addresses = new Set<string>();
  readonly #listening = new Set<string>();
  #servers!: ChildProcessWithoutNullStreams;
  #answers!: AsyncIterator<string>;
  #haproxy?: ChildProcess;

  private constructor() {
    mkdirSync(this.#secrets);
  }

  static async start(): Promise<BalancerHost> {
    const host = new BalancerHost();
    await ensurePackages(["haproxy", "iproute2", "curl", "socat"], console.log);
    await run("ip", ["netns", "add", host.#netns]);
    await run("ip", ["-n", host.#netns, "link", "set", "lo", "up"]);
    const script = fileURLToPath(new URL("answering.ts", import.meta.url));
    host.#servers = spawn("ip", host.#inside(process.execPath, ...typeScriptArguments(script)));
    host.#servers.stderr.pipe(process.stderr);
    host.#answers = createInterface({ input: host.#servers.stdout })[Symbol.asyncIterator]();
    return host;
  }

  async stop(): Promise<void> {
    await this.#end();
    const ended = once(this.#servers, "close");
    this.#servers.stdin.end();
    await ended;
    await run("ip", ["netns", "delete", this.#netns]);
    rmSync(this.#folder, { recursive: true });
  }

  /** An address more, for a client. */
  async address(address: string): Promise<string> {
    if (!this.#addresses.has(address)) {
      await run("ip", ["-n", this.#netns, "address", "add", `${address}/32`, "dev", "lo"]);
      this.#addresses.add(address);
    }
    return address;
  }

  /** Starts HAProxy anew, with what this describes. */
  async describe({ balancer, web = {}, secrets = {} }: Described): Promise<void> {
    const replica = { image: "web", replicas: 1 };
    const topology = parseTopology(
      {
        images: { debian: { manifest: "image.json" } },
        containerImages: { web: { context: "web" } },
        machines: { "web-1": {}, "web-2": {} },
        secrets: Object.fromEntries(Object.keys(secrets).map((name) => [name, "[secret]"])),
        services: {
          web: { image: "web", port: 80, replicas: 2, health: { path: "/health" }, ...web },
          api: { ...replica, port: 80, publish: 8080 },
          next: { ...replica, port: 80, publish: 8081 },
          db: { ...replica, port: 5432, protocol: "tcp" },
        },
        loadBalancers: { public: balancer },
      },
      { stack: "dev" },
    );
    for (const file of secretFiles(topology.loadBalancers[0]!)) {
      const content = await this.#content(file, secrets);
      writeFileSync(join(this.#secrets, file.file), content, { mode: 0o600 });
    }
    const model = haproxyModel(topology.loadBalancers[0]!, topology, place(topology));
    for (const { binds } of model.frontends)
      for (const { address } of binds) if (address !== "127.0.0.1") await this.address(address);
    const servers = model.backends.flatMap((backend) => backend.servers);
    for (const { address } of servers) await this.address(address);
    const fresh = servers.filter(({ name }) => !this.#listening.has(name));
    await this.tell({ listen: fresh.map(({ address, port, name }) => ({ address, port, name })) });
    for (const { name } of fresh) this.#listening.add(name);
    await this.#start(
      renderHaproxy({ ...model, global: { ...model.global, runtimeSocket: this.#socket } }).replaceAll(
        "/etc/haproxy/secret/",
        `${this.#secrets}/`,
      ),
    );
  }

  /** Moves the servers; see `answering.ts`. */
  async tell(command: object): Promise<void> {
    this.#servers.stdin.write(`${JSON.stringify(command)}\n`);
    const { value } = await this.#answers.next();
    if (value !== "done") throw new Error(`the servers said ${value}`);
  }

  /** One request, as curl makes it. */
  async ask(url: string, ...args: string[]): Promise<Answer> {
    const text = await this.curl("--include", ...args, url);
    const end = text.indexOf("\r\n\r\n");
    const [first = "", ...lines] = text.slice(0, end).split("\r\n");
    const headers = lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    return {
      status: Number(first.split(" ")[1]),
      headers: Object.fromEntries(headers),
      body: text.slice(end + 4),
    };
  }

  /** What a server saw of one request. */
  async seen(url: string, ...args: string[]): Promise<Seen> {
    return JSON.parse((await this.ask(url, ...args)).body);
  }

  /** The servers that answered, in order; each request on a connection of its own. */
  async servedBy(count: number, url: string, ...args: string[]): Promise<string[]> {
    const each = [
      "--header",
      "Connection: close",
      ...args,
      `${url}${url.includes("?") ? "&" : "?"}n=[1-${count}]`,
    ];
    const lines = (await this.curl(...each)).trim().split("\n");
    return lines.map((line) => (JSON.parse(line) as Seen).server);
  }

  /** The status of each of so many requests, in order. */
  async statuses(count: number, url: string, ...args: string[]): Promise<number[]> {
    const format = ["--write-out", "%{http_code}\\n", "--output", "/dev/null"];
    return (await this.curl(...format, ...args, `${url}?n=[1-${count}]`)).trim().split("\n").map(Number);
  }

  async curl(...args: string[]): Promise<string> {
    const quiet = ["--silent", "--show-error", "--max-time", "60", "--path-as-is"];
    return (await run("ip", this.#inside("curl", ...quiet, ...args), { encoding: "latin1" })).stdout;
  }

  /** What comes back within two seconds for bytes that are sent as they are; escapes are those of printf. */
  async raw(address: string, port: number, bytes: string): Promise<string> {
    // A connection may be closed before all is sent.
    const script = 'trap "" PIPE; exec 3<>"/dev/tcp/$0/$1"; printf "$2" >&3; timeout 2 cat <&3 || :';
    return (await run("ip", this.#inside("bash", "-c", script, address, String(port), bytes))).stdout;
  }

  /** An answer of HAProxy's Runtime API. */
  async api(command: string): Promise<string> {
    const script = 'printf "%s\\n" "$1" | socat - "UNIX-CONNECT:$0"';
    return (await run("sh", ["-c", script, this.#socket, command])).stdout;
  }

  /** Waits until HAProxy says this of a server: its status and how the last check of it ended, as in `UP L7OK`. */
  async server(name: string, what: RegExp): Promise<void> {
    await waitUntil(`${name} to be ${what}`, 30_000, async () => {
      const [header = "", ...lines] = (await this.api("show stat -1 4 -1")).split("\n");
      const columns = header.split(",");
      const row = lines.map((line) => line.split(",")).find((cells) => cells[1] === name) ?? [];
      return what.test(["status", "check_status"].map((column) => row[columns.indexOf(column)]).join(" "));
    });
  }

  async #content(file: SecretFile, secrets: Readonly<Record<string, string>>): Promise<string> {
    if (file.kind !== "issued") {
      const { content } = secretContent(file.file, file, secrets, {});
      return new Promise((resolve) => void content.apply(resolve));
    }
    const [commonName = ""] = file.hosts;
    const inputs = { commonName, dnsNames: [...file.hosts], ipAddresses: [], validityDays: 1 };
    const { state } = await issueCertificate(inputs, new Date());
    return `${state.certificate.trim()}\n${state.privateKey.trim()}\n`;
  }

  get #secrets(): string {
    return join(this.#folder, "secret");
  }

  get #socket(): string {
    return join(this.#folder, "admin.sock");
  }

  #inside(...command: string[]): string[] {
    return ["netns", "exec", this.#netns, ...command];
  }

  async #start(config: string): Promise<void> {
    await this.#end();
    const file = join(this.#folder, "haproxy.cfg");
    writeFileSync(file, config);
    rmSync(this.#socket, { force: true });
    this.logged.length = 0;
    const haproxy = spawn("ip", this.#inside("haproxy", "-db", "-f", file), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#haproxy = haproxy;
    createInterface({ input: haproxy.stdout }).on("line", (line) => this.logged.push(line));
    await waitUntil("HAProxy to start", 20_000, () => {
      if (haproxy.exitCode !== null) throw new Error(`HAProxy ended:\n${config}`);
      return existsSync(this.#socket);
    });
  }

  async #end(): Promise<void> {
    const haproxy = this.#haproxy;
    if (!haproxy || haproxy.exitCode !== null || haproxy.signalCode !== null) return;
    const ended = once(haproxy, "close");
    haproxy.kill("SIGKILL");
    await ended;
  }
}
