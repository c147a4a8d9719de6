import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configure } from "../../../providers/docker/configuration.js";
import { container } from "../../../providers/docker/container/container.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { callOn, Lifecycle } from "../../support/docker/lifecycle.js";

const port = 2376;

describe("an engine at tcp://, with certificates on both sides", () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-tls-"));
  let server: DockerServer;
  let relay: Server;
  const relayed = new Set<Socket>();
  let host: string;

  beforeAll(async () => {
    certificate("server", "subjectAltName=IP:127.0.0.1", "extendedKeyUsage=serverAuth");
    certificate("client", "extendedKeyUsage=clientAuth");
    certificate("stranger", "extendedKeyUsage=clientAuth");
    server = await startDockerServer([
      `-H tcp://127.0.0.1:${port} --tlsverify --tlscacert=${path("client.crt")}`,
      `--tlscert=${path("server.crt")} --tlskey=${path("server.key")}`,
    ]);
    relay = await relayInto(server);
    host = `tcp://127.0.0.1:${(relay.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    // The clients keep their connections.
    for (const socket of relayed) socket.destroy();
    await new Promise((resolve) => relay?.close(resolve));
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  const path = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(path(name), "utf8");
  const material = (client = "client", ca = "server") => ({
    caMaterial: read(`${ca}.crt`),
    certMaterial: read(`${client}.crt`),
    keyMaterial: read(`${client}.key`),
  });

  /** A certificate that is its own authority. */
  function certificate(name: string, ...extensions: string[]): void {
    const files = ["-keyout", path(`${name}.key`), "-out", path(`${name}.crt`)];
    const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const more = extensions.flatMap((extension) => ["-addext", extension]);
    execFileSync("openssl", ["req", ...kind, ...files, "-days", "2", "-subj", `/CN=${name}`, ...more], {
      stdio: "pipe",
    });
  }

  /** From this network to the engine's loopback: bytes only, the encryption is between the two ends. */
  async function relayInto({ netns }: DockerServer): Promise<Server> {
    const listening = createServer((socket) => {
      relayed.add(socket);
      const nc = ["busybox", "nc", "127.0.0.1", String(port)];
      const child = spawn("nsenter", [`--net=${netns()}`, ...nc], { stdio: ["pipe", "pipe", "inherit"] });
      for (const stream of [socket, child.stdin, child.stdout]) stream.on("error", () => socket.destroy());
      socket.pipe(child.stdin);
      child.stdout.pipe(socket);
      socket.once("close", () => child.kill());
    });
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    return listening;
  }

  const life = (config: Record<string, unknown>, name: string) =>
    new Lifecycle(container, { ...callOn(host, name), config: configure({ host, ...config }, {}) });
  const inputs = { image, command: ["sleep", "600"], destroyGraceSeconds: 0 };

  it("runs a container through its whole life", async () => {
    const one = await life(material(), "one").create(inputs);
    expect(await one.diff()).toEqual([]);
    expect((await one.refresh())?.id).toBe(one.id);
    await one.delete();
    expect(await one.refresh()).toBeUndefined();
  });

  it("takes the certificates from a folder, as the docker command does", async () => {
    const certPath = path("certificates");
    mkdirSync(certPath);
    for (const [from, to] of [
      ["server.crt", "ca.pem"],
      ["client.crt", "cert.pem"],
      ["client.key", "key.pem"],
    ] as const) {
      copyFileSync(path(from), join(certPath, to));
    }
    const two = await life({ certPath }, "two").create(inputs);
    await two.delete();
  });

  it.each([
    [
      "a client that the engine does not know",
      () => material("stranger"),
      /bad certificate|unknown ca|certificate/i,
    ],
    [
      "an engine that the client does not know",
      () => material("client", "stranger"),
      /self-signed certificate/,
    ],
    ["a client without TLS", () => ({}), /HTTP request to an HTTPS server|400/],
  ])("%s is refused, and the error says so", async (_, config, words) => {
    await expect(life(config(), "refused").create(inputs)).rejects.toThrow(words);
    const there = await server.docker.listContainers({ all: true });
    expect(there).toEqual([]);
  });
});
