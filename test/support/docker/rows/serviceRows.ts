import type { ContainerSpec, ServiceInputs } from "../../../../providers/docker/swarm/service/types.js";
import type { Row, World } from "./row.js";
import { type ServiceMembers, serviceWith } from "./serviceWith.js";

type Pair = readonly [
  name: string,
  one: ServiceMembers,
  other: ServiceMembers,
  change: readonly string[],
  untold?: readonly string[],
];

const ofTask = (path: string) => `taskSpec.${path}`;
const task = ([name, one, other, change, untold = []]: Pair): Pair => [
  ofTask(name),
  one,
  other,
  change.map(ofTask),
  untold.map(ofTask),
];
const ofContainer = (path: string) => `taskSpec.containerSpec.${path}`;
/** One of the container's arguments, which all are rolled out. */
const container = (
  name: string,
  one: Partial<ContainerSpec>,
  other: Partial<ContainerSpec>,
  ...change: string[]
): Pair => [
  ofContainer(name),
  { containerSpec: one as ContainerSpec },
  { containerSpec: other as ContainerSpec },
  change.map(ofContainer),
];
const label = (value: string) => ({ label: "a", value });
const commands = ["sleep", "600"];

/** Every argument of a service of the swarm. Most have no tasks: these are looked at where services are made to run. */
export function serviceRows(world: World): Row<ServiceInputs>[] {
  return pairs(world).map(([name, one, other, change, untold = []]) => {
    const { image } = world;
    // A mode of no tasks, unless the row is about the mode.
    const idle = one.mode || other.mode ? {} : { mode: { replicated: { replicas: 0 } } };
    return {
      type: "Service",
      // Swarm's names are short.
      name: `service-${name.replace("taskSpec.containerSpec", "container").replace(/\W+/g, "-")}`,
      one: serviceWith(image, { ...idle, ...one }),
      other: serviceWith(image, { ...idle, ...other }),
      change,
      untold: ["auth", "convergeConfig", ...untold],
    };
  });
}

function pairs({ image, otherImage, networkId, secretId, configId }: World): Pair[] {
  const file = { fileName: "hello", fileUid: "1000", fileGid: "1000", fileMode: 0o400 };
  return [
    ["name", { name: "one" }, { name: "two" }, ["name update-replace"]],
    [
      "labels",
      { labels: [label("1"), { label: "b", value: "1" }] },
      { labels: [{ label: "b", value: "1" }] },
      ["labels[0] delete"],
    ],
    ["auth", { auth: { serverAddress: "r.test", username: "me", password: "one" } }, {}, ["auth delete"]],
    ["mode: replicas", { mode: { replicated: { replicas: 2 } } }, {}, ["mode delete"]],
    [
      "mode: none",
      { mode: { replicated: { replicas: 0 } } },
      { mode: { replicated: { replicas: 1 } } },
      ["mode delete"],
    ],
    [
      "mode: global",
      { mode: { global: true } },
      { mode: { replicated: { replicas: 1 } } },
      ["mode delete-replace"],
    ],
    [
      "endpointSpec.ports",
      {
        endpointSpec: {
          ports: [
            { targetPort: 80, publishedPort: 8080 },
            { targetPort: 53, protocol: "udp", publishMode: "host" },
          ],
        },
      },
      { endpointSpec: { mode: "vip", ports: [{ targetPort: 80, publishedPort: 8081, name: "web" }] } },
      ["endpointSpec.ports[0] update", "endpointSpec.ports[1] delete"],
    ],
    [
      "endpointSpec.mode",
      { endpointSpec: { mode: "dnsrr" } },
      { endpointSpec: {} },
      ["endpointSpec.mode delete"],
    ],
    [
      "updateConfig",
      {
        updateConfig: {
          parallelism: 2,
          delay: "60s",
          failureAction: "rollback",
          monitor: "1s",
          maxFailureRatio: "0.2",
        },
      },
      {
        updateConfig: {
          parallelism: 0,
          delay: "1m",
          failureAction: "rollback",
          monitor: "1s",
          order: "start-first",
        },
      },
      ["updateConfig.maxFailureRatio delete", "updateConfig.order add", "updateConfig.parallelism update"],
    ],
    [
      "rollbackConfig",
      {
        rollbackConfig: {
          parallelism: 2,
          delay: "1s",
          failureAction: "continue",
          maxFailureRatio: "0.1",
          monitor: "2s",
          order: "start-first",
        },
      },
      { rollbackConfig: {} },
      ["delay", "failureAction", "maxFailureRatio", "monitor", "order", "parallelism"].map(
        (name) => `rollbackConfig.${name} delete`,
      ),
    ],
    ["convergeConfig", { convergeConfig: { delay: "100ms", timeout: "20s" } }, {}, ["convergeConfig delete"]],
    task(["forceUpdate", {}, { forceUpdate: 1 }, ["forceUpdate add"]]),
    task(["runtime", { runtime: "container" }, {}, []]),
    task([
      "logDriver",
      { logDriver: { name: "json-file", options: { "max-size": "1m" } } },
      { logDriver: { name: "json-file", options: { "max-size": "2m" } } },
      ["logDriver.options.max-size update"],
    ]),
    task([
      "networksAdvanceds",
      { networksAdvanceds: [{ name: "reef", aliases: ["web"] }] },
      {
        networksAdvanceds: [
          { name: "reef", aliases: ["web"] },
          { name: "shoal", driverOpts: ["a=b"] },
        ],
      },
      ["networksAdvanceds[1] add"],
    ]),
    task([
      // Known by its name on an import.
      "networksAdvanceds-id",
      { networksAdvanceds: [{ id: networkId }] },
      {},
      ["networksAdvanceds[0] delete"],
      ["networksAdvanceds"],
    ]),
    task([
      "placement",
      {
        placement: {
          constraints: ["node.role == manager", "node.platform.os == linux"],
          prefs: ["spread=node.labels.rack"],
          platforms: [{ architecture: "amd64", os: "linux" }],
          maxReplicas: 3,
        },
      },
      { placement: { constraints: ["node.platform.os == linux", "node.role == manager"] } },
      ["placement.prefs delete", "placement.platforms[0] delete", "placement.maxReplicas delete"],
    ]),
    task([
      "resources",
      {
        resources: {
          limits: { memoryBytes: 33554432, nanoCpus: 500000000 },
          reservation: { memoryBytes: 8388608, genericResources: { discreteResourcesSpecs: ["SSD=3"] } },
        },
      },
      {
        resources: {
          limits: { memoryBytes: 67108864 },
          reservation: { nanoCpus: 1000000, genericResources: { namedResourcesSpecs: ["GPU=UUID1"] } },
        },
      },
      [
        "resources.limits.memoryBytes update",
        "resources.limits.nanoCpus delete",
        "resources.reservation.memoryBytes delete",
        "resources.reservation.nanoCpus add",
        "resources.reservation.genericResources.discreteResourcesSpecs delete",
        "resources.reservation.genericResources.namedResourcesSpecs add",
      ],
    ]),
    task([
      "restartPolicy",
      { restartPolicy: { condition: "on-failure", delay: "3s", maxAttempts: 4, window: "10s" } },
      { restartPolicy: { condition: "any", delay: "3000ms", window: "20s" } },
      ["restartPolicy.condition delete", "restartPolicy.maxAttempts delete", "restartPolicy.window update"],
    ]),
    container("image", { image }, { image: otherImage }, "image update"),
    container("args", { args: ["a"] }, { args: ["b"] }, "args[0] update"),
    container("commands", { commands }, { commands: ["sleep", "700"] }, "commands[1] update"),
    container(
      "capAdds",
      { capAdds: ["NET_ADMIN", "CAP_SYS_TIME"] },
      { capAdds: ["CAP_NET_ADMIN"] },
      "capAdds[1] delete",
    ),
    container("capDrops", { capDrops: ["ALL"] }, {}, "capDrops[0] delete"),
    container("dir", { dir: "/tmp" }, { dir: "/srv" }, "dir update"),
    container(
      "dnsConfig",
      { dnsConfig: { nameservers: ["10.0.0.1"], searches: ["test"], options: ["ndots:1"] } },
      { dnsConfig: { nameservers: ["10.0.0.2"], options: ["ndots:1"] } },
      "dnsConfig.nameservers[0] update",
      "dnsConfig.searches delete",
    ),
    container("env", { env: { A: "1", B: "x=y" } }, { env: { B: "x=z" } }, "env.A delete", "env.B update"),
    container("groups", { groups: ["100", "200"] }, { groups: ["200"] }, "groups[0] delete"),
    container(
      "healthcheck",
      {
        healthcheck: {
          tests: ["CMD", "true"],
          interval: "60s",
          timeout: "2s",
          startPeriod: "1s",
          retries: 2,
        },
      },
      {
        healthcheck: { tests: ["CMD", "true"], interval: "1m", timeout: "3s", startPeriod: "1s", retries: 2 },
      },
      "healthcheck.timeout update",
    ),
    container("hostname", { hostname: "one" }, { hostname: "two" }, "hostname update"),
    container(
      "hosts",
      {
        hosts: [
          { host: "db", ip: "10.0.0.3" },
          { host: "mq", ip: "10.0.0.4" },
        ],
      },
      { hosts: [{ host: "mq", ip: "10.0.0.4" }] },
      "hosts[0] delete",
    ),
    container("init", { init: true }, { init: false }, "init update"),
    container("isolation", { isolation: "default" }, {}),
    container("labels", { labels: [label("1")] }, { labels: [label("2")] }, "labels[0] update"),
    container(
      "mounts",
      {
        mounts: [
          { type: "tmpfs", target: "/a", tmpfsOptions: { sizeBytes: 1048576, mode: 0o700 } },
          {
            type: "bind",
            source: "/tmp",
            target: "/b",
            readOnly: true,
            bindOptions: { propagation: "rslave" },
          },
          {
            type: "volume",
            source: "data",
            target: "/c",
            volumeOptions: {
              noCopy: true,
              labels: [label("1")],
              driverName: "local",
              driverOptions: { o: "size=1m", type: "tmpfs", device: "tmpfs" },
            },
          },
        ],
      },
      {
        mounts: [
          {
            type: "bind",
            source: "/tmp",
            target: "/b",
            readOnly: true,
            bindOptions: { propagation: "rslave" },
          },
        ],
      },
      "mounts[0] delete",
      "mounts[2] delete",
    ),
    container(
      "privileges",
      {
        privileges: {
          seLinuxContext: { disable: true, level: "s0", role: "r", type: "t", user: "u" },
        },
      },
      {},
      "privileges delete",
    ),
    container(
      "privileges.credentialSpec",
      { privileges: { credentialSpec: { file: "spec.json" } } },
      { privileges: { credentialSpec: { registry: "spec" } } },
      "privileges.credentialSpec.file delete",
      "privileges.credentialSpec.registry add",
    ),
    container("readOnly", { readOnly: true }, { readOnly: false }, "readOnly delete"),
    container(
      "stopGracePeriod",
      { stopGracePeriod: "2s" },
      { stopGracePeriod: "3s" },
      "stopGracePeriod update",
    ),
    container("stopSignal", { stopSignal: "SIGQUIT" }, { stopSignal: "SIGINT" }, "stopSignal update"),
    container("sysctl", { sysctl: { "net.ipv4.ip_forward": "1" } }, {}, "sysctl delete"),
    container("user", { user: "web" }, { user: "1000" }, "user update"),

    container(
      "secrets",
      { secrets: [{ secretId, secretName: "made-by-hand", ...file }] },
      { secrets: [{ secretId, fileName: "hello" }] },
      "secrets[0] update",
    ),
    container(
      "configs",
      { configs: [{ configId, configName: "made-by-hand", ...file }] },
      { configs: [{ configId, fileName: "hello" }] },
      "configs[0] update",
    ),
  ];
}
