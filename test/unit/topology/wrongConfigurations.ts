/**
 * Wrong configurations: what is changed in {@link rightConfiguration} (YAML, whole sections), and every message that
 * must come of it, exactly.
 */
export interface WrongConfiguration {
  readonly title: string;
  readonly yaml: string;
  readonly messages: readonly string[];
}

export const rightConfiguration = `
images:
  debian: { manifest: images/debian/image.json }
machines:
  web-1: {}
  web-2: {}
containerImages:
  web: { context: images/web }
services:
  web: { image: web, replicas: 2, port: 80 }
loadBalancers:
  public: { service: web }
`;

const digest = "a".repeat(64);

export const wrongConfigurations: readonly WrongConfiguration[] = [
  {
    title: "a misspelt key",
    yaml: `machine: { web-1: {} }`,
    messages: [`berth:machine: unknown key; did you mean "machines"?`],
  },
  {
    title: "a key that is like no other",
    yaml: `colour: blue`,
    messages: [
      `berth:colour: unknown key; use one of hypervisors, images, machines, registries, containerImages, services, loadBalancers, secrets.`,
    ],
  },
  {
    title: "a section that is no map",
    yaml: `registries: [main]`,
    messages: [`berth:registries: ["main"] is not a map; write names, each with its settings or {}.`],
  },
  {
    title: "an item that is no map",
    yaml: `machines: { web-1: 2, web-2: {} }`,
    messages: [`berth:machines.web-1: 2 is not a map.`],
  },
  {
    title: "a misspelt field",
    yaml: `machines: { web-1: { memroy: 1GiB }, web-2: {} }`,
    messages: [`berth:machines.web-1.memroy: unknown key; did you mean "memory"?`],
  },
  {
    title: "a misspelt field further in",
    yaml: `services: { web: { image: web, port: 80, health: { paht: / } } }`,
    messages: [`berth:services.web.health.paht: unknown key; did you mean "path"?`],
  },
  {
    title: "a field of a route that is like no other",
    yaml: `loadBalancers: { public: { routes: [{ path: /api, service: web, regular: true }] } }`,
    messages: [`berth:loadBalancers.public.routes[0].regular: unknown key; use one of path, service.`],
  },
  {
    title: "a name that is no DNS label",
    yaml: `machines: { Web_1: {} }`,
    messages: [
      `berth:machines.Web_1: the machine's name is not a DNS label; use 1 to 63 lower-case letters, digits and inner hyphens.`,
    ],
  },
  {
    title: "a name that is too long",
    yaml: `machines: { ${"m".repeat(64)}: {} }`,
    messages: [
      `berth:machines.${"m".repeat(64)}: the machine's name is not a DNS label; use 1 to 63 lower-case letters, digits and inner hyphens.`,
    ],
  },
  {
    title: "a name with a dot",
    yaml: `machines: { web.example: {} }`,
    messages: [
      `berth:machines["web.example"]: the machine's name is not a DNS label; use 1 to 63 lower-case letters, digits and inner hyphens.`,
    ],
  },
  {
    title: "a size without a unit",
    yaml: `machines: { web-1: { memory: 1024 } }`,
    messages: [
      `berth:machines.web-1.memory: 1024 is not a size; write a number and B, KiB, MiB, GiB or TiB, such as "512MiB".`,
    ],
  },
  {
    title: "a size with a decimal unit",
    yaml: `machines: { web-1: { disk: 10GB } }`,
    messages: [
      `berth:machines.web-1.disk: "10GB" is not a size; write a number and B, KiB, MiB, GiB or TiB, such as "512MiB".`,
    ],
  },
  {
    title: "memory that Docker can't live in",
    yaml: `machines: { web-1: { memory: 256MiB } }`,
    messages: [`berth:machines.web-1.memory: "256MiB" is too little; give 512MiB or more.`],
  },
  {
    title: "half a CPU for a machine",
    yaml: `machines: { web-1: { cpus: 0.5 } }`,
    messages: [
      `berth:machines.web-1.cpus: 0.5 is not a number of virtual CPUs; write a whole number from 1 to 512.`,
    ],
  },
  {
    title: "a duration without a unit",
    yaml: `machines: { web-1: { readyTimeout: 600 } }`,
    messages: [
      `berth:machines.web-1.readyTimeout: 600 is not a duration; write a number and ms, s, m or h, such as "30s".`,
    ],
  },
  {
    title: "something that is no address",
    yaml: `machines: { web-1: { address: 192.168.130.300 } }`,
    messages: [`berth:machines.web-1.address: "192.168.130.300" is not an IPv4 address.`],
  },
  {
    title: "an address of another network",
    yaml: `machines: { web-1: { address: 10.0.0.5 } }`,
    messages: [
      `berth:machines.web-1.address: 10.0.0.5 is not an address of a machine in 192.168.130.0/24; choose one from 192.168.130.2 to 192.168.130.254.`,
    ],
  },
  {
    title: "the broadcast address",
    yaml: `machines: { web-1: { address: 192.168.130.255 } }`,
    messages: [
      `berth:machines.web-1.address: 192.168.130.255 is not an address of a machine in 192.168.130.0/24; choose one from 192.168.130.2 to 192.168.130.254.`,
    ],
  },
  {
    title: "the gateway's address",
    yaml: `machines: { web-1: { address: 192.168.130.1 } }`,
    messages: [
      `berth:machines.web-1.address: 192.168.130.1 is the network's gateway, the hypervisor itself; choose another.`,
    ],
  },
  {
    title: "one address twice",
    yaml: `machines: { web-1: { address: 192.168.130.9 }, web-2: { address: 192.168.130.9 } }`,
    messages: [
      `berth:machines.web-2.address: 192.168.130.9 is already the address of machine "web-1"; set one that is free, such as "192.168.130.2".`,
    ],
  },
  {
    title: "an address that is another machine's default",
    yaml: `machines: { web-1: { address: 192.168.130.133 }, web-2: {} }`,
    messages: [
      `berth:machines.web-2.address: the default, 192.168.130.133, is already the address of machine "web-1"; set one that is free, such as "192.168.130.2".`,
    ],
  },
  {
    title: "an image that is not there",
    yaml: `machines: { web-1: { image: debain } }`,
    messages: [`berth:machines.web-1.image: there is no image "debain"; did you mean "debian"?`],
  },
  {
    title: "no image at all",
    yaml: `images: {}\nmachines: { web-1: {} }`,
    messages: [`berth:machines.web-1.image: there is no image; add one under berth:images.`],
  },
  {
    title: "a choice of images",
    yaml: `images: { debian: { manifest: a.json }, alpine: { manifest: b.json } }\nmachines: { web-1: {} }`,
    messages: [
      `berth:machines.web-1.image: there are several under berth:images; choose one of "alpine", "debian".`,
    ],
  },
  {
    title: "an unknown hypervisor",
    yaml: `machines: { web-1: { hypervisor: rack } }`,
    messages: [
      `berth:machines.web-1.hypervisor: there is no hypervisor "rack"; use "local", or add it under berth:hypervisors.`,
    ],
  },
  {
    title: "cloud-config that would take Berth's key away",
    yaml: `machines: { web-1: { cloudConfig: { ssh_keys: {} } } }`,
    messages: [
      `berth:machines.web-1.cloudConfig.ssh_keys: Berth sets this itself, to know the machine again; remove it.`,
    ],
  },
  {
    title: "Docker on a TCP port",
    yaml: `machines: { web-1: { docker: { daemon: { hosts: ["tcp://0.0.0.0:2375"] } } } }`,
    messages: [
      `berth:machines.web-1.docker.daemon.hosts: Docker listens on its Unix socket only, and is reached over SSH; remove it.`,
    ],
  },
  {
    title: "an image without its files",
    yaml: `images: { debian: {} }`,
    messages: [`berth:images.debian.disk: missing; give the path of a qcow2 file, or "manifest" instead.`],
  },
  {
    title: "a disk without its checksum",
    yaml: `images: { debian: { disk: a.qcow2 } }`,
    messages: [`berth:images.debian.sha256: missing; give what sha256sum prints for a.qcow2.`],
  },
  {
    title: "a checksum that is none",
    yaml: `images: { debian: { disk: a.qcow2, sha256: abc } }`,
    messages: [
      `berth:images.debian.sha256: "abc" is not a SHA-256 checksum; write 64 lower-case hexadecimal digits.`,
    ],
  },
  {
    title: "a manifest and a disk",
    yaml: `images: { debian: { manifest: a.json, disk: a.qcow2 } }`,
    messages: [`berth:images.debian.disk: the manifest says it already; remove it, or "manifest".`],
  },
  {
    title: "an initrd without a kernel",
    yaml: `images: { debian: { disk: a, sha256: ${digest}, initrd: i, initrdSha256: ${digest} } }`,
    messages: [`berth:images.debian.initrd: means nothing without "kernel"; add the kernel, or remove it.`],
  },
  {
    title: "a kernel without its checksum",
    yaml: `images: { debian: { disk: a, sha256: ${digest}, kernel: vmlinuz } }`,
    messages: [`berth:images.debian.kernelSha256: missing; give what sha256sum prints for vmlinuz.`],
  },
  {
    title: "a network with bits in its host part",
    yaml: `hypervisors: { local: { network: { cidr: 192.168.130.1/24 } } }`,
    messages: [
      `berth:hypervisors.local.network.cidr: "192.168.130.1/24" is not an IPv4 network; write its first address and a prefix length from 8 to 28, such as "192.168.130.0/24".`,
    ],
  },
  {
    title: "a bridge's name that the kernel does not take",
    yaml: `hypervisors: { local: { network: { bridge: a-very-long-bridge } } }`,
    messages: [
      `berth:hypervisors.local.network.bridge: "a-very-long-bridge" is not a bridge's name; use at most 15 letters, digits and hyphens.`,
    ],
  },
  {
    title: "an accelerator that there is not",
    yaml: `hypervisors: { local: { accelerator: tcg } }`,
    messages: [`berth:hypervisors.local.accelerator: "tcg" is none of "auto", "kvm", "qemu".`],
  },
  {
    title: "a libvirt of something else than QEMU",
    yaml: `hypervisors: { local: { uri: "lxc:///" } }`,
    messages: [
      `berth:hypervisors.local.uri: "lxc:///" is not a libvirt URI of QEMU; write one such as qemu:///system or qemu+ssh://root@host/system.`,
    ],
  },
  {
    title: "a hypervisor's Docker over TCP",
    yaml: `hypervisors: { local: { dockerHost: "tcp://10.0.0.1:2375" } }`,
    messages: [
      `berth:hypervisors.local.dockerHost: "tcp://10.0.0.1:2375" is not a Docker host that Berth uses; write unix:///path/docker.sock or ssh://user@host, since Docker over TCP is open to whoever reaches it.`,
    ],
  },
  {
    title: "two hypervisors with one network on one libvirt",
    yaml: `hypervisors: { a: {}, b: {} }\nmachines: {}\nservices: {}\nloadBalancers: {}`,
    messages: [
      `berth:hypervisors.b.network.cidr: 192.168.130.0/24 overlaps 192.168.130.0/24 of hypervisor "a", which has the same uri; give each a network of its own.`,
    ],
  },
  {
    title: "two hypervisors with one pool on one libvirt",
    yaml: `
hypervisors:
  a: { pool: { name: p, path: /p } }
  b: { pool: { name: p, path: /q }, network: { cidr: 10.0.0.0/24 } }
machines: {}
services: {}
loadBalancers: {}`,
    messages: [
      `berth:hypervisors.b.pool.name: "p" is also that of hypervisor "a", which has the same uri; choose another.`,
    ],
  },
  {
    title: "a container image without a context",
    yaml: `containerImages: { web: {} }`,
    messages: [`berth:containerImages.web.context: missing; give the folder that holds the Dockerfile.`],
  },
  {
    title: "an unknown registry",
    yaml: `registries: { main: {}, mirror: { port: 5001 } }\ncontainerImages: { web: { context: c, registries: [main, miror] } }`,
    messages: [
      `berth:containerImages.web.registries[1]: there is no registry "miror"; did you mean "mirror"?`,
    ],
  },
  {
    title: "two registries on one port",
    yaml: `registries: { main: {}, mirror: {} }`,
    messages: [
      `berth:registries.mirror.port: 5000 is already the port of registry "main" on hypervisor "local"; choose another.`,
    ],
  },
  {
    title: "a registry that would have to run to start",
    yaml: `registries: { main: { image: web } }`,
    messages: [
      `berth:registries.main.image: container image "web" is pushed to a registry before it can be used; give it "registries: []".`,
    ],
  },
  {
    title: "an image that machines can't pull",
    yaml: `containerImages: { web: { context: c, registries: [] } }`,
    messages: [
      `berth:services.web.image: container image "web" is in no registry on hypervisor "local", where machine "web-1" would pull it; add one to its "registries".`,
    ],
  },
  {
    title: "an image without a digest",
    yaml: `services: { web: { image: { ref: "nginx:1.27" }, port: 80 } }`,
    messages: [
      `berth:services.web.image.ref: "nginx:1.27" has no digest; write name@sha256: and 64 hexadecimal digits, so that the same content runs everywhere.`,
    ],
  },
  {
    title: "a reference in the place of a name",
    yaml: `services: { web: { image: "nginx:1.27", port: 80 } }`,
    messages: [
      `berth:services.web.image: "nginx:1.27" is not a name from berth:containerImages; write {ref: "name@sha256:…"} for an image that exists.`,
    ],
  },
  {
    title: "an unknown container image",
    yaml: `services: { web: { image: wbe, port: 80 } }`,
    messages: [`berth:services.web.image: there is no container image "wbe"; did you mean "web"?`],
  },
  {
    title: "a service with nothing in it",
    yaml: `services: { web: }`,
    messages: [`berth:services.web.port: missing; give the TCP port that the container listens on.`],
  },
  {
    title: "no replica",
    yaml: `services: { web: { port: 80, replicas: 0 } }`,
    messages: [
      `berth:services.web.replicas: 0 is not a number of replicas; write a whole number from 1 to 1000.`,
    ],
  },
  {
    title: "a port that is none",
    yaml: `services: { web: { port: 80000 } }`,
    messages: [`berth:services.web.port: 80000 is not a TCP port; write a whole number from 1 to 65535.`],
  },
  {
    title: "SSH's port published",
    yaml: `services: { web: { port: 80, publish: 22 } }`,
    messages: [
      `berth:services.web.publish: 22 is the machine's SSH, by which Berth reaches it; choose another.`,
    ],
  },
  {
    title: "one port published twice",
    yaml: `services: { api: { port: 80, publish: 80 }, web: { port: 8080, publish: 80 } }`,
    messages: [
      `berth:services.web.publish: service "api" publishes 80 too, and both may run on machine "web-1"; choose another, or leave it out.`,
    ],
  },
  {
    title: "replicas that can't be apart",
    yaml: `services: { web: { port: 80, replicas: 3, spread: machine } }`,
    messages: [
      `berth:services.web.replicas: 3 replicas need 3 machines with "spread: machine", and there are 2: web-1, web-2. Add a machine, or lower "replicas".`,
    ],
  },
  {
    title: "replicas that have the machines to be apart, and not the memory",
    yaml: `
machines: { web-1: {}, web-2: {}, web-3: { memory: 512MiB } }
services: { web: { port: 80, replicas: 3, spread: machine, memory: 512MiB } }`,
    messages: [
      `berth:services.web.replicas: 3 replicas need 3 machines with "spread: machine", and 2 have 512MiB free: web-1, web-2. Add a machine, or lower "replicas".`,
    ],
  },
  {
    title: "more memory than there is",
    yaml: `services: { web: { port: 80, replicas: 3, memory: 500MiB } }`,
    messages: [
      `berth:services.web.replicas: 3 replicas need 500MiB each, and the machines hold 2: web-1 1 (768MiB, 2 CPUs), web-2 1 (768MiB, 2 CPUs). Add a machine, or lower "replicas" or the limits.`,
    ],
  },
  {
    title: "more CPUs than there are",
    yaml: `services: { web: { port: 80, cpus: 4 } }`,
    messages: [
      `berth:services.web.replicas: 1 replica needs 4 CPUs, and the machines hold 0: web-1 0 (768MiB, 2 CPUs), web-2 0 (768MiB, 2 CPUs). Add a machine, or lower "replicas" or the limits.`,
    ],
  },
  {
    title: "a pin to a machine that is not there",
    yaml: `services: { web: { port: 80, machines: [web-1, web-3] } }`,
    messages: [`berth:services.web.machines[1]: there is no machine "web-3"; did you mean "web-1"?`],
  },
  {
    title: "a pin to no machine",
    yaml: `services: { web: { port: 80, machines: [] } }`,
    messages: [`berth:services.web.machines: names no machine; name one, or remove it for all machines.`],
  },
  {
    title: "labels that no machine has",
    yaml: `services: { web: { port: 80, machines: { tier: front } } }`,
    messages: [
      `berth:services.web.machines: no machine has the labels {"tier":"front"}; add them to "labels" of one.`,
    ],
  },
  {
    title: "services without a machine",
    yaml: `machines: {}`,
    messages: [`berth:services.web.machines: there is no machine; add one under berth:machines.`],
  },
  {
    title: "a restart policy that there is not",
    yaml: `services: { web: { port: 80, restart: never } }`,
    messages: [
      `berth:services.web.restart: "never" is none of "no", "on-failure", "always", "unless-stopped".`,
    ],
  },
  {
    title: "a health path that is none",
    yaml: `services: { web: { port: 80, health: { path: "healthz now" } } }`,
    messages: [
      `berth:services.web.health.path: "healthz now" is not a path to ask for; it begins with "/" and has no spaces.`,
    ],
  },
  {
    title: "a name that no environment takes",
    yaml: `services: { web: { port: 80, env: { "LOG LEVEL": debug } } }`,
    messages: [`berth:services.web.env["LOG LEVEL"]: "LOG LEVEL" is not an environment variable.`],
  },
  {
    title: "a private value of the wrong kind, which is not repeated",
    yaml: `services: { web: { port: 80, env: { PASSWORD: [hunter2] } } }`,
    messages: [`berth:services.web.env.PASSWORD: is not text; write text, a number, true or false.`],
  },
  {
    title: "a secret that is not there",
    yaml: `services: { web: { port: 80, secrets: { PASSWORD: db } } }`,
    messages: [
      `berth:services.web.secrets.PASSWORD: there is no secret "db"; run: pulumi config set --secret --path 'berth:secrets.db'`,
    ],
  },
  {
    title: "a variable set twice",
    yaml: `secrets: { db: x }\nservices: { web: { port: 80, env: { PASSWORD: a }, secrets: { PASSWORD: db } } }`,
    messages: [`berth:services.web.secrets.PASSWORD: "env" sets PASSWORD too; remove one of them.`],
  },
  {
    title: "secrets that are no texts, which are not repeated",
    yaml: `secrets: { db: { password: hunter2 }, "9": x }`,
    messages: [
      `berth:secrets.9: "9" is not a secret's name; use letters, digits and hyphens.`,
      `berth:secrets.db: is not text; set it with pulumi config set --secret.`,
    ],
  },
  {
    title: "a load balancer for nothing",
    yaml: `services: {}\nloadBalancers: { public: {} }`,
    messages: [`berth:loadBalancers.public.service: there is no service; add one under berth:services.`],
  },
  {
    title: "a load balancer that could mean several services",
    yaml: `services: { api: { port: 80 }, web: { port: 80 } }\nloadBalancers: { public: {} }`,
    messages: [
      `berth:loadBalancers.public.service: there are several under berth:services; choose one of "api", "web".`,
    ],
  },
  {
    title: "a load balancer for an unknown service",
    yaml: `loadBalancers: { public: { service: shop } }`,
    messages: [
      `berth:loadBalancers.public.service: there is no service "shop"; use "web", or add it under berth:services.`,
    ],
  },
  {
    title: "an algorithm that there is not",
    yaml: `loadBalancers: { public: { balance: round-robin } }`,
    messages: [
      `berth:loadBalancers.public.balance: "round-robin" is none of "roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random".`,
    ],
  },
  {
    title: "one path twice",
    yaml: `loadBalancers: { public: { routes: [{ path: /api, service: web }, { path: /api/, service: web }] } }`,
    messages: [
      `berth:loadBalancers.public.routes[1].path: "/api" is routed already; remove one of the two routes.`,
    ],
  },
  {
    title: "a route for everything",
    yaml: `loadBalancers: { public: { routes: [{ path: /, service: web }] } }`,
    messages: [
      `berth:loadBalancers.public.routes[0].path: "/" matches every request; name the service in "service" instead.`,
    ],
  },
  {
    title: "a route with a query",
    yaml: `loadBalancers: { public: { routes: [{ path: "/a?b", service: web }] } }`,
    messages: [
      `berth:loadBalancers.public.routes[0].path: "/a?b" is not a path to route by; it begins with "/" and has no spaces, "#", "?", "<" or ">".`,
    ],
  },
  {
    title: "a route without its parts",
    yaml: `loadBalancers: { public: { routes: [{}] } }`,
    messages: [
      `berth:loadBalancers.public.routes[0].path: missing; give the path that it matches, such as "/api".`,
      `berth:loadBalancers.public.routes[0].service: missing; name the service that answers.`,
    ],
  },
  {
    title: "two load balancers on one port",
    yaml: `loadBalancers: { a: {}, b: { bind: 0.0.0.0 } }`,
    messages: [
      `berth:loadBalancers.b.port: 80 on 0.0.0.0 is already taken by load balancer "a" on hypervisor "local"; choose another.`,
    ],
  },
  {
    title: "a load balancer on a registry's port",
    yaml: `loadBalancers: { public: { port: 5000 } }`,
    messages: [
      `berth:loadBalancers.public.port: 5000 on 192.168.130.1 is already taken by registry "main" on hypervisor "local"; choose another.`,
    ],
  },
  {
    title: "a load balancer on the name server's port",
    yaml: `loadBalancers: { public: { port: 53 } }`,
    messages: [
      `berth:loadBalancers.public.port: 53 on 192.168.130.1 is already taken by the network's name server on hypervisor "local"; choose another.`,
    ],
  },
  {
    title: "mistakes of every kind at once, with those that follow from them left out",
    yaml: `
machines: { web-1: { image: fedora, memory: lots }, web-2: { cpu: 2 } }
services: { web: { image: 7, port: http, replicas: 2, machines: [web-9] } }
loadBalancers: { public: { service: wbe, port: "80" } }`,
    messages: [
      `berth:machines.web-1.memory: "lots" is not a size; write a number and B, KiB, MiB, GiB or TiB, such as "512MiB".`,
      `berth:machines.web-2.cpu: unknown key; did you mean "cpus"?`,
      `berth:services.web.image: 7 is not an image; write a name from berth:containerImages, or {ref: "name@sha256:…"}.`,
      `berth:services.web.port: "http" is not a TCP port; write a whole number from 1 to 65535.`,
      `berth:loadBalancers.public.port: "80" is not a TCP port; write a whole number from 1 to 65535.`,
      `berth:machines.web-1.image: there is no image "fedora"; use "debian", or add it under berth:images.`,
      `berth:services.web.machines[0]: there is no machine "web-9"; did you mean "web-1"?`,
      `berth:loadBalancers.public.service: there is no service "wbe"; did you mean "web"?`,
    ],
  },
];
