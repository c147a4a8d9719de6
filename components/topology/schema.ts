import { z } from "zod";
import {
  address,
  anything,
  cidr,
  duration,
  fields,
  integer,
  list,
  matching,
  oneOf,
  port,
  size,
  text,
  texts,
} from "./fields.js";
import { show } from "./issues.js";

/**
 * The stack's configuration as people write it: each key of the namespace `berth` maps names to items of one kind.
 * Every field may be left out here. What is needed all the same, and what the defaults are, is decided where the
 * items are resolved, which know of each other.
 */

const sha256 = () => matching(/^[0-9a-f]{64}$/, "a SHA-256 checksum; write 64 lower-case hexadecimal digits");
const path = () => text("a path");
const environmentVariable = /^[A-Za-z_][A-Za-z0-9_]*$/;

const imageSource = () =>
  z.union([z.string(), z.strictObject({ ref: z.string() })], {
    error: ({ input }) =>
      `${show(input)} is not an image; write a name from berth:containerImages, or {ref: "name@sha256:…"}.`,
  });

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
    cidr: cidr().optional(),
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
});

const machine = fields({
  hypervisor: text("a name").optional(),
  image: text("a name").optional(),
  cpus: integer(1, 512, "a number of virtual CPUs").optional(),
  memory: size("512MiB").optional(),
  disk: size("1GiB").optional(),
  address: address().optional(),
  docker: fields({
    package: matching(/^[a-z0-9][a-z0-9.+-]*$/, "a package's name").optional(),
    daemon: anything("the content of daemon.json").optional(),
    readyTimeout: duration().optional(),
  }).optional(),
  labels: texts(/^[\w./-]{1,63}$/, "a label").optional(),
  cloudConfig: anything("cloud-config").optional(),
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

const service = fields({
  image: imageSource().optional(),
  replicas: integer(1, 1000, "a number of replicas").optional(),
  port: port().optional(),
  publish: port().optional(),
  health: fields({
    path: matching(/^\/[!-~]*$/, 'a path to ask for; it begins with "/" and has no spaces').optional(),
    status: integer(100, 599, "an HTTP status").optional(),
    interval: duration().optional(),
    timeout: duration().optional(),
    rise: integer(1, 100, "a number of checks").optional(),
    fall: integer(1, 100, "a number of checks").optional(),
  }).optional(),
  env: texts(environmentVariable, "an environment variable").optional(),
  secrets: texts(environmentVariable, "an environment variable").optional(),
  command: list(z.string({ error: "is not text." }), "words").optional(),
  cpus: z
    .number({ error: ({ input }) => `${show(input)} is not a number of CPUs, such as 0.5.` })
    .gte(0.01, { error: "is too little; give 0.01 or more." })
    .optional(),
  memory: size("6MiB").optional(),
  spread: oneOf(["machine", "none"]).optional(),
  machines: z
    .union([z.array(z.string()), z.record(z.string(), z.string())], {
      error: ({ input }) =>
        `${show(input)} selects no machines; write a list of names, or a map of the labels that they have.`,
    })
    .optional(),
  restart: oneOf(["no", "on-failure", "always", "unless-stopped"]).optional(),
  stopGrace: duration().optional(),
});

const loadBalancer = fields({
  hypervisor: text("a name").optional(),
  bind: address().optional(),
  port: port().optional(),
  balance: oneOf(["roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random"]).optional(),
  routes: z
    .array(
      fields({
        path: matching(
          /^\/[!"$-;=@-~]*$/,
          'a path to route by; it begins with "/" and has no spaces, "#", "?", "<" or ">"',
        ).optional(),
        service: text("a name").optional(),
      }),
      {
        error: ({ input }) => `${show(input)} is not a list of routes, such as [{path: /api, service: api}].`,
      },
    )
    .optional(),
  service: text("a name").optional(),
  image: imageSource().optional(),
  maxConnections: integer(1, 1_000_000, "a number of connections").optional(),
});

/** The schema of one item, by configuration key. */
export const schemas = {
  hypervisors: hypervisor,
  images: image,
  machines: machine,
  registries: registry,
  containerImages: containerImage,
  services: service,
  loadBalancers: loadBalancer,
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
};
