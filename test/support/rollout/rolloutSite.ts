import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { resolve } from "node:path";
import { serverFigures } from "../../../providers/berth/haproxy/serverFigures.js";
import { issueCertificate } from "../../../providers/berth/issueCertificate.js";
import { type DockerServer, image, startDockerServer } from "../docker/dockerServer.js";
import { EngineProject, type Output } from "../engine.js";
import { importHaproxyImage } from "../haproxy/haproxyImage.js";
import { type Load, startLoad } from "../load/startLoad.js";
import type { LoadOptions } from "../load/types.js";
import { typeScriptArguments } from "../typeScriptProcess.js";
import { program } from "./program.js";

const root = resolve(import.meta.dirname, "../../..");
const plugin = (name: string) => [
  process.execPath,
  ...typeScriptArguments(resolve(root, "providers", name, "main.ts")),
];
/** What stands for machines and the host, at one engine. */
export const addresses = { public: "10.9.0.1", one: "10.9.0.11", two: "10.9.0.12" };

/** A topology as in a stack's file. */
type Config = Record<string, Record<string, any>>;

/** Services and an HAProxy in front, made by the real engine on a dockerd of its own, whose addresses stand for machines. */
export class RolloutSite {
  #config: Config;

  private constructor(
    readonly server: DockerServer,
    readonly project: EngineProject,
    private haproxy: string,
    private readonly certificate: string,
    config: Config,
  ) {
    this.#config = config;
  }

  /**
   * @param config services, load balancers and what else is not the default: two machines
   * @param by a command that the engine is started by. Default: none
   */
  static async start(config: Config, by: readonly string[] = []): Promise<RolloutSite> {
    const server = await startDockerServer([], undefined, {
      addresses: Object.values(addresses),
      asService: true,
    });
    try {
      const haproxy = await importHaproxyImage(server.docker);
      const project = await EngineProject.create({
        program,
        plugins: { docker: plugin("docker"), berth: plugin("berth") },
        enter: ["nsenter", `--net=${server.netns()}`, "--", ...by],
      });
      for (const name of ["placementInForce", "portsInState"]) {
        const source = readFileSync(resolve(root, `stacks/${name}.ts`), "utf8");
        project.write(`${name}.js`, stripTypeScriptTypes(source));
      }
      const { state } = await issueCertificate(
        { commonName: "web", dnsNames: ["web"], ipAddresses: [], validityDays: 30 },
        new Date(),
      );
      const certificate = `${state.certificate.trim()}\n${state.privateKey.trim()}\n`;
      const site = new RolloutSite(server, project, haproxy, certificate, {
        images: { debian: { manifest: "image.json" } },
        hypervisors: { local: { network: { cidr: "10.9.0.0/24" } } },
        machines: { one: { address: addresses.one }, two: { address: addresses.two } },
        ...config,
      });
      site.edit(() => {});
      return site;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Edits the stack's description. */
  edit(change: (config: Config) => void): void {
    change(this.#config);
    const { certificate, haproxy } = this;
    const spec = { host: this.server.host, image, haproxy, certificate, topology: this.#config };
    this.project.write("spec.json", JSON.stringify(spec));
  }

  preview(): Promise<Output> {
    return this.project.succeed("preview");
  }

  up(...args: string[]): Promise<Output> {
    return this.project.up(...args);
  }

  /** Names another image of HAProxy's, of the same content, for the next update. */
  async useOtherHaproxy(): Promise<void> {
    const repo = this.haproxy.slice(0, this.haproxy.indexOf(":"));
    await this.server.docker.getImage(this.haproxy).tag({ repo, tag: "next" });
    this.haproxy = `${repo}:next`;
    this.edit(() => {});
  }

  /** An update that must fail; gives what it said. */
  async fails(): Promise<string> {
    const { code, stdout, stderr } = await this.project.run("up", "--yes", "--skip-preview");
    if (code === 0) throw new Error(`the update succeeded:\n${stdout}`);
    return stdout + stderr;
  }

  /** Clients in the same network. */
  load(rates: LoadOptions["rates"], port = 80): Promise<Load> {
    return startLoad(
      { url: `http://${addresses.public}:${port}/`, secure: `https://${addresses.public}`, rates },
      this.server.netns(),
    );
  }

  /** What HAProxy answers on its Runtime API. */
  async ask(command: string, balancer = "public"): Promise<string> {
    const filters = { label: [`berth.loadBalancer=${balancer}`] };
    const [found] = await this.server.docker.listContainers({ filters });
    const script = 'printf "%s\\n" "$1" | socat - UNIX-CONNECT:/run/haproxy/admin.sock';
    const exec = await this.server.docker.getContainer(found!.Id).exec({
      Cmd: ["sh", "-c", script, "ask", command],
      AttachStdout: true,
      Tty: true,
    });
    const chunks: Buffer[] = [];
    for await (const chunk of (await exec.start({ Tty: true })) as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  /** Names and weights of a backend's servers in force. */
  async servers(backend = "web"): Promise<Record<string, number>> {
    const lines = (await this.ask(`show servers state ${backend}`)).split("\n").slice(2);
    const rows = lines.map((line) => line.trim().split(/\s+/)).filter((row) => row.length > 10);
    return Object.fromEntries(rows.map((row) => [row[3]!, Number(row[7])]));
  }

  /** Requests under way at each of a backend's servers. */
  async sessions(backend = "web"): Promise<number[]> {
    const rows = serverFigures(await this.ask("show stat -1 4 -1"));
    return rows.filter(({ server }) => server.startsWith(`${backend}/`)).map(({ current }) => current);
  }

  /** The containers of a service that run or have run: `replica state`. */
  async containers(service = "web"): Promise<string[]> {
    const filters = { label: [`berth.service=${service}`] };
    const found = await this.server.docker.listContainers({ all: true, filters });
    return found.map(({ Labels, State }) => `${Labels["berth.replica"]} ${State}`).sort();
  }

  async stop(): Promise<void> {
    await this.project.run("destroy", "--yes", "--skip-preview");
    this.project.discard();
    await this.server.stop();
  }
}

/** A web server's command: `page` at `/`, `ok` at `/healthz`, an answer after a while, and one that counts what it is sent. */
export function web(page: string, more = ""): string[] {
  const cgi = (name: string, body: string) =>
    `printf '#!/bin/sh\\n%s\\n' "${body}" >/srv/cgi-bin/${name}; chmod 755 /srv/cgi-bin/${name}`;
  const script = [
    "mkdir -p /srv/cgi-bin",
    `echo ${page} >/srv/index.html`,
    "echo ok >/srv/healthz",
    cgi("slow", "printf 'Content-Type: text/plain\\\\r\\\\n\\\\r\\\\n'; echo begun; sleep 4; echo ended"),
    cgi("upload", "printf 'Content-Type: text/plain\\\\r\\\\n\\\\r\\\\n'; wc -c"),
    ...(more === "" ? [] : [more]),
    "httpd -f -p 8080 -h /srv & server=$!",
    "trap 'kill $server' TERM INT; wait $server; true",
  ];
  return ["sh", "-c", script.join("\n")];
}

/** Makes a page fail while health checks pass, as a defect in a new version does. */
export const broken =
  "rm /srv/index.html; printf '#!/bin/sh\\nprintf \"Status: 500 broken\\\\r\\\\nContent-Type: text/plain\\\\r\\\\n\\\\r\\\\n\"; echo broken\\n' >/srv/cgi-bin/index.cgi; chmod 755 /srv/cgi-bin/index.cgi";
