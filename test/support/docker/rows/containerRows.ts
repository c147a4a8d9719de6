import type { ContainerInputs } from "../../../../providers/docker/container/types.js";
import type { Row, World } from "./row.js";

/** What only this plugin needs to know. */
const conduct = [
  "attach",
  "containerReadRefreshTimeoutMilliseconds",
  "destroyGraceSeconds",
  "logs",
  "mustRun",
  "removeVolumes",
  "start",
  "wait",
  "waitTimeout",
];

/** Every argument of a container. Where this machine lacks what it needs to run, it is created and not started. */
export function containerRows({ image, folder, donor }: World): Row<ContainerInputs>[] {
  const row = (
    name: string,
    one: Partial<ContainerInputs>,
    other: Partial<ContainerInputs>,
    change: string[],
    more: Partial<Row<ContainerInputs>> = {},
  ): Row<ContainerInputs> => {
    const base = { image, command: ["sleep", "86400"], destroyGraceSeconds: 0 };
    return {
      type: "Container",
      name: `container-${name}`,
      one: { ...base, ...one },
      other: { ...base, ...other },
      change,
      ...more,
      untold: [...conduct, ...(more.untold ?? [])],
    };
  };
  /** Created and never started. */
  const still = (
    name: string,
    one: Partial<ContainerInputs>,
    other: Partial<ContainerInputs>,
    change: string[],
    more: Partial<Row<ContainerInputs>> = {},
  ) => row(name, { start: false, ...one }, { start: false, ...other }, change, more);
  /** One argument, with two values, of which the change replaces. */
  const replaced = (
    name: keyof ContainerInputs & string,
    one: unknown,
    other: unknown,
    path: string = name,
  ) => row(name, { [name]: one }, { [name]: other }, [`${path} update-replace`]);
  const inPlace = (name: keyof ContainerInputs & string, one: unknown, other: unknown) =>
    row(name, { [name]: one }, { [name]: other }, [`${name} update`]);
  const healthcheck = { tests: ["CMD", "true"], interval: "100ms", retries: 20 };
  return [
    replaced("command", ["httpd", "-f", "-p", "8080"], ["httpd", "-f", "-p", "8081"], "command[3]"),
    row(
      "entrypoints",
      { entrypoints: ["sleep"], command: ["86400"] },
      { entrypoints: ["env", "sleep"], command: ["86400"] },
      ["entrypoints[0] update-replace", "entrypoints[1] add-replace"],
    ),
    row("envs", { envs: ["A=1", "B=2"] }, { envs: ["B=2", "A=3"] }, [
      "envs[0] delete-replace",
      "envs[1] add-replace",
    ]),
    row("image", { image }, { image: "busybox:other" }, ["image update-replace"]),
    row("platform", { platform: "linux/amd64" }, {}, ["platform delete-replace"], { untold: ["platform"] }),
    replaced("user", "web", "1000:1000"),
    replaced("workingDir", "/tmp", "/srv"),
    replaced("hostname", "one", "two"),
    replaced("domainname", "test", "example"),
    replaced("labels", [{ label: "a", value: "1" }], [{ label: "a", value: "2" }], "labels[0]"),
    row("tty", { tty: true }, { tty: false }, ["tty update-replace"]),
    row("stdinOpen", { stdinOpen: true }, {}, ["stdinOpen delete-replace"]),
    replaced("init", true, false),
    replaced("stopSignal", "SIGQUIT", "SIGINT"),
    replaced("stopTimeout", 3, 4),
    row(
      "healthcheck",
      { healthcheck: { ...healthcheck, interval: "1m30s", timeout: "2s", startPeriod: "1s" } },
      { healthcheck: { ...healthcheck, interval: "2m", timeout: "2000ms", startPeriod: "1s" } },
      ["healthcheck.interval update-replace"],
    ),
    row(
      "healthcheck-startInterval",
      { healthcheck: { ...healthcheck, startPeriod: "1s", startInterval: "200ms" } },
      { healthcheck: { ...healthcheck, startPeriod: "1s", startInterval: "300ms" } },
      ["healthcheck.startInterval update-replace"],
      { api: 44 },
    ),
    row("wait", { healthcheck, wait: true, waitTimeout: 30 }, { healthcheck, waitTimeout: 40 }, [
      "wait delete",
      "waitTimeout update",
    ]),
    row("restart", { restart: "always" }, { restart: "on-failure", maxRetryCount: 3 }, [
      "restart update",
      "maxRetryCount add",
    ]),
    row("rm", { rm: true }, {}, ["rm delete-replace"]),
    still("runtime", { runtime: "other" }, {}, ["runtime delete-replace"]),
    replaced("logDriver", "json-file", "none"),
    row(
      "logOpts",
      { logDriver: "json-file", logOpts: { "max-size": "1m" } },
      { logDriver: "json-file", logOpts: { "max-size": "2m" } },
      ["logOpts.max-size update-replace"],
    ),
    inPlace("memory", 32, 64),
    row("memory-lifted", { memory: 32 }, {}, ["memory delete-replace"]),
    row("memorySwap", { memory: 32, memorySwap: 48 }, { memory: 32, memorySwap: 40 }, ["memorySwap update"]),
    row("memoryReservation", { memory: 32, memoryReservation: 16 }, { memory: 32, memoryReservation: 20 }, [
      "memoryReservation update",
    ]),
    replaced("shmSize", 8, 16),
    inPlace("cpus", "0.5", "1.5"),
    row("cpuPeriod", { cpuPeriod: 50000, cpuQuota: 25000 }, { cpuPeriod: 100000, cpuQuota: 25000 }, [
      "cpuPeriod update",
    ]),
    row("cpuQuota", { cpuPeriod: 50000, cpuQuota: 25000 }, { cpuPeriod: 50000, cpuQuota: 30000 }, [
      "cpuQuota update",
    ]),
    inPlace("cpuSet", "0", "0-1"),
    inPlace("cpuShares", 512, 256),
    replaced(
      "ulimits",
      [{ name: "nofile", soft: 100, hard: 200 }],
      [{ name: "nofile", soft: 100, hard: 300 }],
      "ulimits[0]",
    ),
    replaced(
      "sysctls",
      { "net.ipv4.ip_forward": "1" },
      { "net.ipv4.ip_forward": "0" },
      'sysctls["net.ipv4.ip_forward"]',
    ),
    replaced(
      "devices",
      [{ hostPath: "/dev/null", containerPath: "/dev/one" }],
      [{ hostPath: "/dev/null", containerPath: "/dev/two", permissions: "r" }],
      "devices[0]",
    ),
    replaced("deviceCgroupRules", ["c 1:3 rwm"], ["c 1:5 rwm"], "deviceCgroupRules[0]"),
    still(
      "deviceRequests",
      {
        deviceRequests: [
          { driver: "test", count: 1, capabilities: ["gpu"], options: { a: "b" } },
          { driver: "test", deviceIds: ["0"] },
        ],
      },
      { deviceRequests: [{ driver: "test", deviceIds: ["0"] }] },
      ["deviceRequests[0] delete-replace"],
    ),
    still("gpus", { gpus: "all" }, { gpus: "2" }, ["gpus update-replace"], {
      untold: ["gpus", "deviceRequests"],
    }),
    ...(["deviceReadBps", "deviceReadIops", "deviceWriteBps", "deviceWriteIops"] as const).map((name) =>
      still(
        name,
        { [name]: [{ path: "/dev/loop0", rate: 1000000 }] },
        { [name]: [{ path: "/dev/loop0", rate: 2000000 }] },
        [`${name}[0] update-replace`],
      ),
    ),
    row(
      "ports",
      {
        ports: [
          { internal: 80, external: 8080, ip: "127.0.0.1" },
          { internal: 53, protocol: "udp" },
        ],
      },
      {
        ports: [
          { internal: 53, protocol: "udp" },
          { internal: 80, external: 8081, ip: "127.0.0.1" },
        ],
      },
      ["ports[0] delete-replace", "ports[1] add-replace"],
    ),
    row("publishAllPorts", { publishAllPorts: true }, {}, ["publishAllPorts delete-replace"]),
    replaced("networkMode", "host", "none"),
    row(
      "networksAdvanced",
      {
        networksAdvanced: [
          {
            name: "front",
            aliases: ["web"],
            ipv4Address: "10.77.0.9",
            ipv6Address: "fd00:77::9",
            linkLocalIps: ["169.254.34.68"],
            driverOpts: ["test.option=1"],
          },
          { name: "back" },
        ],
      },
      { networksAdvanced: [{ name: "back" }] },
      ["networksAdvanced[0] delete-replace"],
    ),
    row(
      "networksAdvanced-macAddress",
      { networksAdvanced: [{ name: "front", macAddress: "02:42:0a:4d:00:63" }] },
      { networksAdvanced: [{ name: "front", macAddress: "02:42:0a:4d:00:64" }] },
      ["networksAdvanced[0] update-replace"],
      { untold: ["networksAdvanced"] },
    ),
    row(
      "networksAdvanced-gwPriority",
      { networksAdvanced: [{ name: "front" }, { name: "back", gwPriority: 7 }] },
      { networksAdvanced: [{ name: "front" }, { name: "back", gwPriority: 8 }] },
      ["networksAdvanced[1] update-replace"],
      { api: 48 },
    ),
    replaced("dns", ["10.0.0.1"], ["10.0.0.2"], "dns[0]"),
    replaced("dnsSearches", ["test"], ["example"], "dnsSearches[0]"),
    replaced("dnsOpts", ["ndots:1"], ["ndots:2"], "dnsOpts[0]"),
    replaced("hosts", [{ host: "db", ip: "10.0.0.3" }], [{ host: "db", ip: "10.0.0.4" }], "hosts[0]"),
    row(
      "volumes",
      {
        volumes: [
          { hostPath: "/tmp", containerPath: "/a", readOnly: true, selinuxRelabel: "z" },
          { volumeName: "data", containerPath: "/b" },
          { fromContainer: donor, readOnly: true },
        ],
      },
      {
        volumes: [
          { volumeName: "data", containerPath: "/b" },
          { fromContainer: donor, readOnly: true },
        ],
      },
      ["volumes[0] delete-replace"],
    ),
    row(
      "mounts",
      {
        mounts: [
          { type: "tmpfs", target: "/a", tmpfsOptions: { sizeBytes: 1048576, mode: 0o700 } },
          {
            type: "bind",
            source: "/tmp",
            target: "/c",
            readOnly: true,
            bindOptions: { propagation: "private" },
          },
          {
            type: "volume",
            source: "mounted",
            target: "/b",
            volumeOptions: {
              noCopy: true,
              labels: [{ label: "a", value: "1" }],
              driverName: "local",
              driverOptions: { type: "tmpfs", device: "tmpfs", o: "size=1m" },
            },
          },
        ],
      },
      {
        mounts: [
          {
            type: "bind",
            source: "/tmp",
            target: "/c",
            readOnly: true,
            bindOptions: { propagation: "private" },
          },
        ],
      },
      ["mounts[0] delete-replace", "mounts[2] delete-replace"],
    ),
    row(
      "mounts-subpath",
      { mounts: [{ type: "volume", source: "data", target: "/b", volumeOptions: { subpath: "inner" } }] },
      { mounts: [{ type: "volume", source: "data", target: "/b" }] },
      ["mounts[0] update-replace"],
      { api: 45 },
    ),
    replaced("tmpfs", { "/cache": "size=1m" }, { "/cache": "size=2m" }, 'tmpfs["/cache"]'),
    row(
      "uploads",
      {
        uploads: [
          { file: "/srv/a", content: "a", owner: "1000", group: "1000", permissions: "0640" },
          { file: "/srv/b", contentBase64: "Yg==", executable: true },
          { file: "/srv/c", source: `${folder}/upload.txt`, sourceHash: "1" },
        ],
      },
      {
        uploads: [
          { file: "/srv/a", content: "a", owner: "1000", group: "1000", permissions: "0640" },
          { file: "/srv/b", contentBase64: "Yg==", executable: true },
          { file: "/srv/c", source: `${folder}/upload.txt`, sourceHash: "2" },
        ],
      },
      ["uploads[2] update-replace"],
      { untold: ["uploads"] },
    ),
    row("readOnly", { readOnly: true }, {}, ["readOnly delete-replace"]),
    row(
      "capabilities",
      { capabilities: { adds: ["NET_ADMIN"], drops: ["CAP_CHOWN"] } },
      { capabilities: { adds: ["CAP_NET_ADMIN"], drops: ["ALL"] } },
      ["capabilities.drops[0] update-replace"],
    ),
    row("securityOpts", { securityOpts: ["no-new-privileges:true"] }, {}, ["securityOpts[0] delete-replace"]),
    still("privileged", { privileged: true }, {}, ["privileged delete-replace"]),
    row("groupAdds", { groupAdds: ["100", "200"] }, { groupAdds: ["200"] }, ["groupAdds[0] delete-replace"]),
    replaced("ipcMode", "shareable", "none"),
    row("pidMode", { pidMode: "host" }, {}, ["pidMode delete-replace"]),
    row("usernsMode", { usernsMode: "host" }, {}, ["usernsMode delete-replace"]),
    still("cgroupParent", { cgroupParent: "/one" }, { cgroupParent: "/two" }, [
      "cgroupParent update-replace",
    ]),
    row(
      "cgroupnsMode",
      { cgroupnsMode: "host" },
      { cgroupnsMode: "private" },
      ["cgroupnsMode update-replace"],
      {
        untold: ["cgroupnsMode"],
      },
    ),
    row("name", { name: "name-one" }, { name: "name-two" }, ["name update"]),
    row("start", { start: false }, {}, ["start delete"]),
    row("mustRun", { start: false, mustRun: false }, { start: false }, ["mustRun delete"]),
    row(
      "attach",
      { command: ["echo", "x"], attach: true, logs: true, mustRun: false },
      { command: ["echo", "x"], mustRun: false },
      ["attach delete", "logs delete"],
    ),
    row(
      "conduct",
      { containerReadRefreshTimeoutMilliseconds: 20_000 },
      { containerReadRefreshTimeoutMilliseconds: 30_000, destroyGraceSeconds: 1, removeVolumes: false },
      ["containerReadRefreshTimeoutMilliseconds update", "destroyGraceSeconds update", "removeVolumes add"],
    ),
  ];
}
