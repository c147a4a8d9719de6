import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { container } from "../../../providers/docker/container/container.js";
import { containerArguments } from "../../../providers/docker/container/containerArguments.js";
import type { ContainerInputs } from "../../../providers/docker/container/types.js";
import { type DockerServer, image, startDockerServer } from "./support/dockerServer.js";
import { callOn, Lifecycle } from "./support/lifecycle.js";

let server: DockerServer;

beforeAll(async () => {
  server = await startDockerServer();
  await server.docker.createNetwork({
    Name: "front",
    IPAM: { Config: [{ Subnet: "10.77.0.0/24" }] },
  } as never);
  await server.docker.createNetwork({ Name: "back" });
});
afterAll(() => server?.stop());

const serve = ["httpd", "-f", "-p", "8080"];

/** Each argument: a value, one to change it to, what that change is, and what a user would look at. */
const cases: {
  name: string;
  one: Partial<ContainerInputs>;
  other: Partial<ContainerInputs>;
  change: string[];
}[] = [
  {
    name: "command",
    one: { command: serve },
    other: { command: ["httpd", "-f", "-p", "8081"] },
    change: ["command[3] update-replace"],
  },
  {
    name: "entrypoints",
    one: { entrypoints: ["sleep"], command: ["60"] },
    other: { entrypoints: ["env", "sleep"], command: ["60"] },
    change: ["entrypoints[0] update-replace", "entrypoints[1] add-replace"],
  },
  {
    name: "envs",
    one: { envs: ["A=1", "B=2"] },
    other: { envs: ["B=2", "A=3"] },
    change: ["envs[0] delete-replace", "envs[1] add-replace"],
  },
  { name: "user", one: { user: "web" }, other: { user: "1000:1000" }, change: ["user update-replace"] },
  {
    name: "workingDir",
    one: { workingDir: "/tmp" },
    other: { workingDir: "/srv" },
    change: ["workingDir update-replace"],
  },
  {
    name: "hostname",
    one: { hostname: "one", domainname: "test" },
    other: { hostname: "two", domainname: "test" },
    change: ["hostname update-replace"],
  },
  {
    name: "labels",
    one: { labels: [{ label: "a", value: "1" }] },
    other: { labels: [{ label: "a", value: "2" }] },
    change: ["labels[0] update-replace"],
  },
  {
    name: "tty",
    one: { tty: true, stdinOpen: true },
    other: { tty: false, stdinOpen: true },
    change: ["tty update-replace"],
  },
  { name: "init", one: { init: true }, other: { init: false }, change: ["init update-replace"] },
  {
    name: "stopSignal",
    one: { stopSignal: "SIGQUIT", stopTimeout: 3 },
    other: { stopSignal: "SIGINT", stopTimeout: 3 },
    change: ["stopSignal update-replace"],
  },
  {
    name: "healthcheck",
    one: { healthcheck: { tests: ["CMD", "true"], interval: "1m30s", retries: 2 } },
    other: { healthcheck: { tests: ["CMD", "true"], interval: "2m", retries: 2 } },
    change: ["healthcheck.interval update-replace"],
  },
  {
    name: "restart",
    one: { restart: "always" },
    other: { restart: "on-failure", maxRetryCount: 3 },
    change: ["restart update", "maxRetryCount add"],
  },
  {
    name: "logDriver",
    one: { logDriver: "json-file", logOpts: { "max-size": "1m" } },
    other: { logDriver: "json-file", logOpts: { "max-size": "2m" } },
    change: ["logOpts.max-size update-replace"],
  },
  { name: "memory", one: { memory: 32 }, other: { memory: 64 }, change: ["memory update"] },
  { name: "memory lifted", one: { memory: 32 }, other: {}, change: ["memory delete-replace"] },
  {
    name: "memorySwap",
    one: { memory: 32, memorySwap: 48 },
    other: { memory: 32, memorySwap: 40 },
    change: ["memorySwap update"],
  },
  {
    name: "memoryReservation",
    one: { memory: 32, memoryReservation: 16 },
    other: { memory: 32, memoryReservation: 20 },
    change: ["memoryReservation update"],
  },
  { name: "shmSize", one: { shmSize: 8 }, other: { shmSize: 16 }, change: ["shmSize update-replace"] },
  { name: "cpus", one: { cpus: "0.5" }, other: { cpus: "1.5" }, change: ["cpus update"] },
  {
    name: "cpuQuota",
    one: { cpuPeriod: 50000, cpuQuota: 25000 },
    other: { cpuPeriod: 50000, cpuQuota: 30000 },
    change: ["cpuQuota update"],
  },
  { name: "cpuSet", one: { cpuSet: "0" }, other: { cpuSet: "0-1" }, change: ["cpuSet update"] },
  { name: "cpuShares", one: { cpuShares: 512 }, other: { cpuShares: 256 }, change: ["cpuShares update"] },
  {
    name: "ulimits",
    one: { ulimits: [{ name: "nofile", soft: 100, hard: 200 }] },
    other: { ulimits: [{ name: "nofile", soft: 100, hard: 300 }] },
    change: ["ulimits[0] update-replace"],
  },
  {
    name: "sysctls",
    one: { sysctls: { "net.ipv4.ip_forward": "1" } },
    other: { sysctls: { "net.ipv4.ip_forward": "0" } },
    change: ['sysctls["net.ipv4.ip_forward"] update-replace'],
  },
  {
    name: "devices",
    one: { devices: [{ hostPath: "/dev/null", containerPath: "/dev/one" }] },
    other: { devices: [{ hostPath: "/dev/null", containerPath: "/dev/two", permissions: "r" }] },
    change: ["devices[0] update-replace"],
  },
  {
    name: "deviceCgroupRules",
    one: { deviceCgroupRules: ["c 1:3 rwm"] },
    other: { deviceCgroupRules: ["c 1:5 rwm"] },
    change: ["deviceCgroupRules[0] update-replace"],
  },
  {
    name: "ports",
    one: {
      ports: [
        { internal: 80, external: 8080 },
        { internal: 53, protocol: "udp" },
      ],
    },
    other: {
      ports: [
        { internal: 53, protocol: "udp" },
        { internal: 80, external: 8081 },
      ],
    },
    change: ["ports[0] delete-replace", "ports[1] add-replace"],
  },
  {
    name: "publishAllPorts",
    one: { publishAllPorts: true },
    other: {},
    change: ["publishAllPorts delete-replace"],
  },
  {
    name: "networkMode",
    one: { networkMode: "host" },
    other: { networkMode: "none" },
    change: ["networkMode update-replace"],
  },
  {
    name: "networksAdvanced",
    one: {
      networksAdvanced: [{ name: "front", aliases: ["web"], ipv4Address: "10.77.0.9" }, { name: "back" }],
    },
    other: { networksAdvanced: [{ name: "back" }] },
    change: ["networksAdvanced[0] delete-replace"],
  },
  {
    name: "dns",
    one: { dns: ["10.0.0.1"], dnsSearches: ["test"], dnsOpts: ["ndots:1"] },
    other: { dns: ["10.0.0.2"], dnsSearches: ["test"], dnsOpts: ["ndots:1"] },
    change: ["dns[0] update-replace"],
  },
  {
    name: "hosts",
    one: { hosts: [{ host: "db", ip: "10.0.0.3" }] },
    other: { hosts: [{ host: "db", ip: "10.0.0.4" }] },
    change: ["hosts[0] update-replace"],
  },
  {
    name: "volumes",
    one: {
      volumes: [
        { hostPath: "/tmp", containerPath: "/a", readOnly: true },
        { volumeName: "data", containerPath: "/b" },
      ],
    },
    other: { volumes: [{ volumeName: "data", containerPath: "/b" }] },
    change: ["volumes[0] delete-replace"],
  },
  {
    name: "mounts",
    one: {
      mounts: [
        { type: "tmpfs", target: "/a", tmpfsOptions: { sizeBytes: 1048576 } },
        { type: "volume", source: "data", target: "/b", volumeOptions: { noCopy: true } },
      ],
    },
    other: { mounts: [{ type: "volume", source: "data", target: "/b", volumeOptions: { noCopy: true } }] },
    change: ["mounts[0] delete-replace"],
  },
  {
    name: "tmpfs",
    one: { tmpfs: { "/cache": "size=1m" } },
    other: { tmpfs: { "/cache": "size=2m" } },
    change: ['tmpfs["/cache"] update-replace'],
  },
  { name: "readOnly", one: { readOnly: true }, other: {}, change: ["readOnly delete-replace"] },
  {
    name: "capabilities",
    one: { capabilities: { adds: ["NET_ADMIN"], drops: ["CAP_CHOWN"] } },
    other: { capabilities: { adds: ["CAP_NET_ADMIN"], drops: ["ALL"] } },
    change: ["capabilities.drops[0] update-replace"],
  },
  {
    name: "securityOpts",
    one: { securityOpts: ["no-new-privileges:true"] },
    other: {},
    change: ["securityOpts[0] delete-replace"],
  },
  {
    name: "groupAdds",
    one: { groupAdds: ["100", "200"] },
    other: { groupAdds: ["200"] },
    change: ["groupAdds[0] delete-replace"],
  },
  {
    name: "ipcMode",
    one: { ipcMode: "shareable" },
    other: { ipcMode: "none" },
    change: ["ipcMode update-replace"],
  },
  { name: "pidMode", one: { pidMode: "host" }, other: {}, change: ["pidMode delete-replace"] },
  {
    name: "cgroupnsMode",
    one: { cgroupnsMode: "host" },
    other: { cgroupnsMode: "private" },
    change: ["cgroupnsMode update-replace"],
  },
  {
    name: "conduct",
    one: { mustRun: true, destroyGraceSeconds: 1 },
    other: { destroyGraceSeconds: 2, removeVolumes: false },
    change: ["destroyGraceSeconds update", "removeVolumes add"],
  },
];

describe("docker.Container, argument by argument", () => {
  it.each(cases)("$name", { timeout: 60_000 }, async ({ name, one, other, change }) => {
    const key = name.replaceAll(" ", "-");
    const given: ContainerInputs = { image, command: ["sleep", "60"], destroyGraceSeconds: 0, ...one };
    const life = await new Lifecycle(container, callOn(server.host, key)).create(given);
    try {
      expect(await life.diff(), "after the creation").toEqual([]);
      const before = life.state;
      await life.refresh();
      expect(life.state, "the state after a refresh").toEqual(before);
      expect(await life.diff(given), "after a refresh").toEqual([]);

      const imported = new Lifecycle(container, life.call);
      Object.assign(imported, await life.import(life.id));
      const replacing = (await imported.diff(given)).filter((text) => {
        const argument = containerArguments[text.split(/[ .[]/)[0] as keyof ContainerInputs];
        return text.endsWith("-replace") && argument.read;
      });
      expect(replacing, "after an import").toEqual([]);

      const changed: ContainerInputs = { image, command: ["sleep", "60"], destroyGraceSeconds: 0, ...other };
      const found = await life.diff(changed);
      expect(found.sort()).toEqual([...change].sort());
      if (found.every((text) => !text.endsWith("-replace"))) {
        await life.update(changed);
        expect(await life.diff(changed), "after the update").toEqual([]);
        const updated = life.state;
        await life.refresh();
        expect(life.state, "the state after the update").toEqual(updated);
      }
    } finally {
      await life.delete();
    }
    expect(await life.refresh()).toBeUndefined();
    await life.delete();
  });
});
