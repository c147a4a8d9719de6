import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pack } from "tar-stream";
import { Engine } from "../../../providers/docker/engine/engine.js";
import { followTransfer } from "../../../providers/docker/image/followTransfer.js";
import { type DockerServer, image } from "./dockerServer.js";
import type { World } from "./rows/row.js";

/** Puts in place what the rows lean on. The returned function removes what is outside of the engine. */
export async function makeWorld(server: DockerServer): Promise<{ world: World; leave: () => void }> {
  const { docker } = server;
  const registry = await server.registry();
  const folder = mkdtempSync(join(tmpdir(), "berth-context-"));
  // Not in the build context, which would be another one with each volume.
  const volumes = mkdtempSync(join(tmpdir(), "berth-volumes-"));
  const stage = `FROM ${image} AS base\nARG WHO\nRUN echo "for $WHO" > /srv/who\n`;
  writeFileSync(join(folder, "Dockerfile"), `${stage}FROM base AS site\nCOPY upload.txt /srv/\n`);
  writeFileSync(join(folder, "Other.Dockerfile"), `FROM ${image}\nENV OTHER=1\n`);
  writeFileSync(join(folder, "upload.txt"), "c");

  const otherImage = "busybox:other";
  await docker.getImage(image).tag({ repo: "busybox", tag: "other" });
  for (const tag of ["pulled:1", "lonely:1", ...pushed]) {
    const [repo = "", version = ""] = tag.split(":");
    await docker.getImage(image).tag({ repo: `${registry}/${repo}`, tag: version });
  }
  await push(server.host, `${registry}/pulled`, "1");
  await push(server.host, `${registry}/lonely`, "1");

  await docker.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
  const made = { Name: "made-by-hand", Labels: {}, Data: Buffer.from("hello").toString("base64") };
  const { id: secretId } = await docker.createSecret(made);
  const { id: configId } = await docker.createConfig(made);
  await docker.createNetwork({
    Name: "front",
    EnableIPv6: true,
    IPAM: { Config: [{ Subnet: "10.77.0.0/24" }, { Subnet: "fd00:77::/64" }] },
  } as never);
  await docker.createNetwork({ Name: "back" });
  const reef = await docker.createNetwork({ Name: "reef", Driver: "overlay", Attachable: true } as never);
  await docker.createNetwork({ Name: "shoal", Driver: "overlay", Attachable: true } as never);
  const donor = "donor";
  await docker.createVolume({ Name: "data" });
  const script = `mkdir /data/inner; echo "FROM ${image}" > /srv/Dockerfile.txt; httpd -f -p 80 -h /srv`;
  const container = await docker.createContainer({
    name: donor,
    Image: image,
    Cmd: ["sh", "-c", script],
    HostConfig: { Binds: ["data:/data"] },
  });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  const plugin = `${registry}/dummy:1`;
  const otherPlugin = `${registry}/dummy:2`;
  await publishPlugin(server.host, otherPlugin);
  const pluginPermissions = await publishPlugin(server.host, plugin);
  const drivers = await serveDrivers(server.plugins, volumes);
  return {
    world: {
      image,
      otherImage,
      registry,
      folder,
      networkId: reef.id,
      secretId,
      configId,
      donor,
      site: `http://${NetworkSettings.Networks["bridge"]?.IPAddress}`,
      plugin,
      otherPlugin,
      pluginPermissions,
    },
    leave() {
      drivers.close();
      rmSync(folder, { recursive: true, force: true });
      rmSync(volumes, { recursive: true, force: true });
      rmSync(`${folder}.log`, { force: true });
    },
  };
}

/** What the rows push, by its names in the registry. */
const pushed = [
  "pushed:1",
  "pushed:2",
  "pushed-triggers:1",
  "pushed-keep:1",
  "pushed-any:1",
  "pushed-auth:1",
];

async function push(host: string, repository: string, tag: string): Promise<void> {
  const engine = new Engine({ host });
  const signal = AbortSignal.timeout(60_000);
  const headers = { "X-Registry-Auth": "e30=" };
  const answer = await engine.stream("POST", `/images/${repository}/push`, {
    signal,
    query: { tag },
    headers,
  });
  await followTransfer(answer, "pushing", () => {});
  engine.close();
}

/**
 * There is no hub here: a plugin of our own goes to the registry, and off the engine again.
 * @returns what it asks for
 */
export async function publishPlugin(
  host: string,
  reference: string,
): Promise<{ name: string; values: string[] }[]> {
  const mount = (source: string, destination: string) => ({
    name: destination.slice(1),
    source,
    destination,
    type: "bind",
    options: ["rbind", "ro"],
  });
  // As a container's first process it has to ask for being ended.
  const program =
    "process.on('SIGTERM', () => process.exit()); require('net').createServer().listen('/run/docker/plugins/dummy.sock')";
  const node = dirname(process.execPath);
  const config = {
    description: "listens",
    // The engine waits for a plugin's socket; this Node.js and what it is linked to come from outside.
    entrypoint: ["/node/node", "-e", program],
    interface: { types: ["docker.dummy/1.0"], socket: "dummy.sock" },
    mounts: [mount("/usr", "/usr"), mount(node, "/node")],
    linux: { capabilities: ["CAP_NET_ADMIN"] },
    env: [{ name: "DEBUG", settable: ["value"], value: "0" }],
  };
  const file = pack();
  file.entry({ name: "config.json" }, JSON.stringify(config));
  for (const folder of ["", "/usr", "/node", "/proc", "/sys", "/dev", "/etc", "/run"]) {
    file.entry({ name: `rootfs${folder}`, type: "directory", mode: 0o755 });
  }
  for (const name of ["lib", "lib64"]) {
    file.entry({ name: `rootfs/${name}`, type: "symlink", linkname: `usr/${name}` });
  }
  file.finalize();
  const engine = new Engine({ host });
  const signal = AbortSignal.timeout(60_000);
  await engine.call("POST", "/plugins/create", { signal, query: { name: reference }, file: file as never });
  const headers = { "X-Registry-Auth": "e30=" };
  const answer = await engine.stream("POST", `/plugins/${reference}/push`, { signal, headers });
  await followTransfer(answer, "pushing", () => {});
  await engine.call("DELETE", `/plugins/${reference}`, { signal });
  engine.close();
  return [
    { name: "capabilities", values: ["CAP_NET_ADMIN"] },
    { name: "mount", values: ["/usr", node] },
  ];
}

/** A plugin of the old kind, a process that listens: the driver "berthtest" for volumes, and for networks' addresses. */
async function serveDrivers(sockets: string, folder: string): Promise<Server> {
  const names = new Set<string>();
  const place = (Name: string) => ({ Name, Mountpoint: join(folder, Name) });
  const answers: Record<string, (name: string) => object> = {
    "/Plugin.Activate": () => ({ Implements: ["VolumeDriver", "IpamDriver"] }),
    "/VolumeDriver.Capabilities": () => ({ Capabilities: { Scope: "local" } }),
    "/VolumeDriver.Create": (name) => {
      names.add(name);
      mkdirSync(place(name).Mountpoint, { recursive: true });
      return {};
    },
    "/VolumeDriver.Get": (name) => (names.has(name) ? { Volume: place(name) } : { Err: "no such volume" }),
    "/VolumeDriver.List": () => ({ Volumes: [...names].map(place) }),
    "/VolumeDriver.Remove": (name) => {
      names.delete(name);
      return {};
    },
    "/VolumeDriver.Path": (name) => place(name),
    "/VolumeDriver.Mount": (name) => place(name),
    "/VolumeDriver.Unmount": () => ({}),
    "/IpamDriver.GetCapabilities": () => ({}),
    "/IpamDriver.GetDefaultAddressSpaces": () => ({
      LocalDefaultAddressSpace: "l",
      GlobalDefaultAddressSpace: "g",
    }),
    "/IpamDriver.RequestPool": () => ({ PoolID: "pool", Pool: "10.111.0.0/24", Data: {} }),
    "/IpamDriver.ReleasePool": () => ({}),
    "/IpamDriver.RequestAddress": () => ({ Address: "10.111.0.1/24", Data: {} }),
    "/IpamDriver.ReleaseAddress": () => ({}),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { Name = "" } = JSON.parse(Buffer.concat(chunks).toString() || "{}") as { Name?: string };
    response.setHeader("Content-Type", "application/vnd.docker.plugins.v1.1+json");
    response.end(JSON.stringify(answers[request.url ?? ""]?.(Name) ?? { Err: "not implemented" }));
  });
  await new Promise<void>((resolve) => server.listen(join(sockets, "berthtest.sock"), resolve));
  return server;
}
