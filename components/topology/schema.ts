import { z } from "zod";
import {
  address,
  amount,
  anything,
  cidr,
  cidr6,
  duration,
  fields,
  flag,
  integer,
  list,
  matching,
  oneOf,
  port,
  size,
  text,
  texts,
} from "./fields.js";
import { imageSource } from "./imageSource.js";
import { show } from "./issues.js";
import { loadBalancerSchema } from "./loadBalancerSchema.js";

/**
 * The stack's configuration as people write it: each key of the namespace `berth` maps names to items of one kind.
 * Every field may be left out here. What is needed all the same, and what the defaults are, is decided where the
 * items are resolved, which know of each other.
 */

const sha256 = () => matching(/^[0-9a-f]{64}$/, "a SHA-256 checksum; write 64 lower-case hexadecimal digits");
const path = () => text("a path");
const environmentVariable = /^[A-Za-z_][A-Za-z0-9_]*$/;

const word = () => matching(/^[\w./-]{1,63}$/, "a name; use letters, digits, dots, slashes and hyphens");
/** Which of `service`, `label` and `zone` it is, is checked where the services are resolved. */
const neighbours = () =>
  z
    .array(
      fields({
        service: text("a name").optional(),
        label: word().optional(),
        value: word().optional(),
        zone: word().optional(),
        within: oneOf(["machine", "zone"]).optional(),
        weight: integer(1, 1000, "a weight").optional(),
      }),
      {
        error: ({ input }) => `${show(input)} is not a list, such as [{service: db}, {zone: b, weight: 5}].`,
      },
    )
    .optional();
/** One status, or several and ranges of them as HAProxy writes them. */
const statuses = () => {
  const error = ({ input }: { input?: unknown }) =>
    `${show(input)} is not an HTTP status; write one from 100 to 599, or several, such as "200-299,304".`;
  const range = /^[1-5]\d\d(-[1-5]\d\d)?(,[1-5]\d\d(-[1-5]\d\d)?)*$/;
  const one = z.int({ error }).gte(100, { error }).lte(599, { error });
  return z.union([one, z.string({ error }).regex(range, { error })], { error });
};
/** Names, or the labels that they have. */
const selection = (what: string) =>
  z
    .union([z.array(z.string()), z.record(z.string(), z.string())], {
      error: ({ input }) =>
        `${show(input)} selects no ${what}; write a list of names, or a map of the labels that they have.`,
    })
    .optional();
const cpus = () =>
  z
    .number({ error: ({ input }) => `${show(input)} is not a number of CPUs, such as 0.5.` })
    .gte(0.01, { error: "is too little; give 0.01 or more." })
    .optional();

const hypervisor = fields({
  uri: matching(
    /^qemu(\+(ssh|unix|tls|libssh2?))?:\/\/\S+$/,
    "a libvirt URI of QEMU; write one such as qemu:///system or qemu+ssh://root@host/system",
  ).optional(),
  dockerHost: matching(
    /^(unix|ssh):\/\/\S+$/,
    "a Docker host that Berth uses; write unix:///path/docker.sock or ssh://user@host, since Docker over TCP is open to whoever reaches it",
  ).optional(),
  accelerator: oneOf(["auto", "kvm", "qemu"]).optional(),
  network: fields({
    mode: oneOf(["nat", "route", "isolated", "bridge"]).optional(),
    cidr: cidr().optional(),
    cidr6: cidr6().optional(),
    range: cidr().optional(),
    address: address().optional(),
    gateway: address().optional(),
    name: matching(
      /^[A-Za-z0-9][\w.-]{0,49}$/,
      "a network's name; use letters, digits, dots and hyphens",
    ).optional(),
    bridge: matching(
      /^[A-Za-z0-9][\w.-]{0,14}$/,
      "a bridge's name; use at most 15 letters, digits and hyphens",
    ).optional(),
    nameservers: list(address(), "IPv4 addresses").optional(),
  }).optional(),
  pool: fields({
    name: matching(
      /^[A-Za-z0-9][\w.-]{0,49}$/,
      "a pool's name; use letters, digits, dots and hyphens",
    ).optional(),
    path: matching(/^\/[^\p{Cc}]*$/u, "an absolute path on the hypervisor").optional(),
  }).optional(),
  consoleLogs: matching(/^\/[^\p{Cc}]*$/u, "an absolute path on the hypervisor").optional(),
  capacity: fields({
    cpus: amount(1, "a number of virtual CPUs").optional(),
    memory: size("512MiB").optional(),
    disk: size("1GiB").optional(),
  }).optional(),
  zone: word().optional(),
  labels: texts(/^[\w./-]{1,63}$/, "a label").optional(),
  taints: list(word(), "taints").optional(),
  cost: amount(0, "a cost").optional(),
  templates: fields({
    path: matching(/^\/[^\p{Cc}]*$/u, "an absolute path on the hypervisor").optional(),
    size: size("1GiB").optional(),
  }).optional(),
});

const image = fields({
  manifest: path().optional(),
  disk: path().optional(),
  sha256: sha256().optional(),
  kernel: path().optional(),
  kernelSha256: sha256().optional(),
  initrd: path().optional(),
  initrdSha256: sha256().optional(),
  cmdline: text("a kernel command line").optional(),
  firmware: oneOf(["bios", "uefi"]).optional(),
  docker: flag().optional(),
});

const machine = fields({
  hypervisor: text("a name").optional(),
  image: text("a name").optional(),
  cpus: integer(1, 512, "a number of virtual CPUs").optional(),
  memory: size("512MiB").optional(),
  maxCpus: integer(1, 512, "a number of virtual CPUs").optional(),
  maxMemory: size("512MiB").optional(),
  disk: size("1GiB").optional(),
  disks: z
    .record(
      matching(
        /^[a-z0-9][a-z0-9-]{0,19}$/,
        "a disk's name; use at most 20 lower-case letters, digits and hyphens",
      ),
      fields({
        size: size("1MiB").optional(),
        mount: matching(/^(\/[\w.-]+)+$/, 'a folder in the machine; write one such as "/data"').optional(),
        keep: flag().optional(),
      }),
      { error: ({ input }) => `${show(input)} is not a map of disks, such as {data: {size: 10GiB}}.` },
    )
    .optional(),
  discard: list(word(), "names of disks").optional(),
  interfaces: z
    .record(
      matching(
        /^[a-z0-9][a-z0-9-]{0,14}$/,
        "an interface's name; use at most 15 lower-case letters, digits and hyphens",
      ),
      fields({
        network: matching(
          /^[A-Za-z0-9][\w.-]{0,49}$/,
          "a network's name; use letters, digits, dots and hyphens",
        ).optional(),
        address: matching(
          /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$|^[\da-fA-F:]+\/\d{1,3}$/,
          'an address with its prefix length; write one such as "10.0.0.5/24"',
        ).optional(),
      }),
      {
        error: ({ input }) =>
          `${show(input)} is not a map of interfaces, such as {storage: {network: storage}}.`,
      },
    )
    .optional(),
  bootOrder: z
    .array(oneOf(["disk", "network"]), {
      error: ({ input }) => `${show(input)} is not a list, such as [network, disk].`,
    })
    .optional(),
  description: text("words on what it is for").optional(),
  address: address().optional(),
  docker: fields({
    package: matching(/^[a-z0-9][a-z0-9.+-]*$/, "a package's name").optional(),
    daemon: anything("the content of daemon.json").optional(),
    readyTimeout: duration().optional(),
  }).optional(),
  labels: texts(/^[\w./-]{1,63}$/, "a label").optional(),
  zone: word().optional(),
  taints: list(word(), "taints").optional(),
  reserved: fields({
    cpus: amount(0, "a number of CPUs").optional(),
    memory: size("0B").optional(),
    disk: size("0B").optional(),
  }).optional(),
  cost: amount(0, "a cost").optional(),
  drain: flag().optional(),
  cloudConfig: anything("cloud-config").optional(),
  newSeed: oneOf(["ignore", "replace"]).optional(),
  start: oneOf(["auto", "fork", "cold"]).optional(),
  power: oneOf(["running", "stopped", "paused"]).optional(),
  stopGrace: duration().optional(),
  readyTimeout: duration().optional(),
});

const registry = fields({
  hypervisor: text("a name").optional(),
  port: port().optional(),
  image: imageSource().optional(),
});

const containerImage = fields({
  hypervisor: text("a name").optional(),
  context: path().optional(),
  dockerfile: path().optional(),
  args: texts(environmentVariable, "a build argument").optional(),
  target: matching(/^[A-Za-z0-9][\w.-]*$/, "a build stage").optional(),
  registries: list(text("a name"), "names from berth:registries").optional(),
});

/** A number of replicas, or a share of them. */
const replicaCount = () => {
  const error = ({ input }: { input?: unknown }) =>
    `${show(input)} is not a number of replicas; write a whole number, or a percentage from "0%" to "100%".`;
  return z.union([z.int({ error }).gte(0, { error }), z.string().regex(/^(\d{1,2}|100)%$/, { error })], {
    error,
  });
};

const rollout = fields({
  strategy: oneOf(["rolling", "blueGreen", "canary"]).optional(),
  maxSurge: replicaCount().optional(),
  maxUnavailable: replicaCount().optional(),
  weights: z
    .array(integer(1, 99, "a percentage of the requests"), {
      error: ({ input }) => `${show(input)} is not a list of percentages, such as [5, 25, 50].`,
    })
    .min(1, { error: "is empty; give at least one percentage, or leave it out." })
    .optional(),
  hold: duration().optional(),
  check: fields({
    path: matching(/^\/[!-~]*$/, 'a path to ask for; it begins with "/" and has no spaces').optional(),
    status: integer(100, 599, "an HTTP status").optional(),
    timeout: duration().optional(),
    errorPercent: amount(0, "a percentage").lte(100, { error: "is above 100." }).optional(),
    responseTime: duration().optional(),
    minRequests: integer(1, 1_000_000, "a number of requests").optional(),
  }).optional(),
});

const autoscale = fields({
  min: integer(1, 1000, "a number of replicas").optional(),
  max: integer(1, 1000, "a number of replicas").optional(),
  sessions: amount(0.1, "a number of sessions").optional(),
  queue: amount(0.1, "a number of requests that wait").optional(),
  requests: amount(0.1, "a number of requests a second").optional(),
  responseTime: duration().optional(),
  tolerance: amount(0, "a percentage").lt(100, { error: "is 100 or more." }).optional(),
  scaleInAfter: duration().optional(),
});

const service = fields({
  runsAs: oneOf(["container", "machine"]).optional(),
  image: imageSource().optional(),
  replicas: integer(1, 1000, "a number of replicas").optional(),
  port: port().optional(),
  publish: port().optional(),
  protocol: oneOf(["http", "tcp"]).optional(),
  health: fields({
    type: oneOf(["http", "tcp", "none"]).optional(),
    method: oneOf(["GET", "HEAD", "OPTIONS", "POST"]).optional(),
    path: matching(/^\/[!-~]*$/, 'a path to ask for; it begins with "/" and has no spaces').optional(),
    host: matching(/^[!-~]+$/, "a host").optional(),
    status: statuses().optional(),
    interval: duration().optional(),
    timeout: duration().optional(),
    rise: integer(1, 100, "a number of checks").optional(),
    fall: integer(1, 100, "a number of checks").optional(),
    agent: fields({ port: port().optional(), interval: duration().optional() }).optional(),
  }).optional(),
  env: texts(environmentVariable, "an environment variable").optional(),
  secrets: texts(environmentVariable, "an environment variable").optional(),
  connects: z
    .record(
      z.string().regex(environmentVariable, {
        error: ({ input }) => `${show(input)} is not the beginning of environment variables' names.`,
      }),
      fields({ loadBalancer: text("a name").optional(), frontend: text("a name").optional() }),
      { error: ({ input }) => `${show(input)} is not a map, such as {API: {loadBalancer: internal}}.` },
    )
    .optional(),
  command: list(z.string({ error: "is not text." }), "words").optional(),
  cpus: cpus(),
  memory: size("6MiB").optional(),
  requests: fields({
    cpus: cpus(),
    memory: size("1B").optional(),
    disk: size("1B").optional(),
  }).optional(),
  spread: oneOf(["machine", "zone", "none"]).optional(),
  machines: selection("machines"),
  tolerates: list(word(), "taints").optional(),
  near: neighbours(),
  apart: neighbours(),
  priority: integer(-1000, 1000, "a priority").optional(),
  group: word().optional(),
  stateful: flag().optional(),
  pins: texts(/^[1-9]\d{0,3}$/, "a replica's number").optional(),
  hypervisors: selection("hypervisors"),
  warm: integer(0, 1000, "a number of replicas").optional(),
  disk: size("1GiB").optional(),
  cloudConfig: anything("cloud-config").optional(),
  start: oneOf(["auto", "fork", "cold"]).optional(),
  readyTimeout: duration().optional(),
  restart: oneOf(["no", "on-failure", "always", "unless-stopped"]).optional(),
  stopGrace: duration().optional(),
  rollout: rollout.optional(),
  autoscale: autoscale.optional(),
});

const snapshot = fields({
  machines: list(text("a name"), "names from berth:machines").optional(),
  description: text("a description").optional(),
  memory: z.boolean({ error: ({ input }) => `${show(input)} is not true or false.` }).optional(),
  revert: text("a word").optional(),
});

/** The key `placement`, which is no map of items. */
export const placementSchema = fields({ prefer: oneOf(["balance", "pack"]).optional() });

/** The schema of one item, by configuration key. */
export const schemas = {
  hypervisors: hypervisor,
  images: image,
  machines: machine,
  registries: registry,
  containerImages: containerImage,
  services: service,
  loadBalancers: loadBalancerSchema,
  snapshots: snapshot,
};

export type Section = keyof typeof schemas;
/** An item of a section, read but not resolved. */
export type Written<S extends Section> = z.output<(typeof schemas)[S]>;

/** How one item is called in messages. */
export const singular: Readonly<Record<Section, string>> = {
  hypervisors: "hypervisor",
  images: "image",
  machines: "machine",
  registries: "registry",
  containerImages: "container image",
  services: "service",
  loadBalancers: "load balancer",
  snapshots: "snapshot",
};
