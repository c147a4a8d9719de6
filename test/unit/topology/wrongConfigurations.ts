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
      `berth:colour: unknown key; use one of hypervisors, images, machines, registries, containerImages, services, loadBalancers, snapshots, placement, secrets.`,
    ],
  },
  {
    title: "a section that is no map",
    yaml: `registries: [main]`,
    messages: [`berth:registries: ["main"] is not a map; write names, each with its settings or {}.`],
  },
  {
    title: "a hypervisor whose host key nobody looks at",
    yaml: `hypervisors: { far: { uri: "qemu+ssh://root@far/system?no_verify=1" } }`,
    messages: [
      `berth:hypervisors.far.uri: takes any host key; remove "no_verify" and "known_hosts_verify", and name a file with the right one: ?known_hosts=/path.`,
    ],
  },
  {
    title: "snapshots of what is not there, and of nothing",
    yaml: `snapshots: { 1st: {}, before: { machines: [web-1, web-9], memory: yes please }, none: { machines: [] } }`,
    messages: [
      `berth:snapshots.before.memory: "yes please" is not true or false.`,
      `berth:snapshots.1st: a snapshot's name begins with a letter, as QEMU takes a number for its own.`,
      `berth:snapshots.before.machines[1]: there is no machine "web-9"; did you mean "web-1"?`,
      `berth:snapshots.none.machines: is empty; name machines, or remove it for all of them.`,
    ],
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
    messages: [
      `berth:loadBalancers.public.routes[0].regular: unknown key; use one of path, host, headers, service.`,
    ],
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
      `berth:machines.web-1.address: 192.168.130.1 is the hypervisor's own address; choose another.`,
    ],
  },
  {
    title: "a host's bridge of which nothing is said",
    yaml: `hypervisors: { lan: { network: { mode: bridge } } }`,
    messages: [
      `berth:hypervisors.lan.network.bridge: missing; with mode "bridge", give the host's bridge that machines are attached to.`,
      `berth:hypervisors.lan.network.cidr: missing; with mode "bridge", give the network that the bridge leads to.`,
      `berth:hypervisors.lan.network.address: missing; with mode "bridge", give the hypervisor's own address in that network.`,
      `berth:hypervisors.lan.network.range: missing; with mode "bridge", give a part of it in which nobody else gives addresses, such as 192.168.1.192/27.`,
    ],
  },
  {
    title: "addresses outside of a bridge's network",
    yaml: `hypervisors: { lan: { network: { mode: bridge, bridge: br0, cidr: 10.1.0.0/24, address: 10.2.0.5, gateway: 10.3.0.1, range: 10.1.0.0/16 } } }`,
    messages: [
      `berth:hypervisors.lan.network.address: 10.2.0.5 is not in 10.1.0.0/24; give an address of that network.`,
      `berth:hypervisors.lan.network.gateway: 10.3.0.1 is not in 10.1.0.0/24; give an address of that network.`,
      `berth:hypervisors.lan.network.range: 10.1.0.0/16 is not a part of 10.1.0.0/24; give one that is.`,
    ],
  },
  {
    title: "what is no IPv6 network",
    yaml: `hypervisors: { own: { network: { cidr6: "fd00:130::1/64" } } }`,
    messages: [
      `berth:hypervisors.own.network.cidr6: "fd00:130::1/64" is not an IPv6 network; write its first address and a prefix length from 16 to 104, such as "fd00:130::/64".`,
    ],
  },
  {
    title: "IPv6 behind a bridge",
    yaml: `hypervisors: { lan: { network: { mode: bridge, bridge: br0, cidr: 10.1.0.0/24, cidr6: "fd00::/64", address: 10.1.0.5, range: 10.1.0.64/26 } } }`,
    messages: [
      `berth:hypervisors.lan.network.cidr6: is not for mode "bridge", in which nobody knows what is free. Remove it, and give addresses by "interfaces".`,
    ],
  },
  {
    title: "another gateway of the hypervisor's own network",
    yaml: `hypervisors: { own: { network: { cidr: 10.1.0.0/24, gateway: 10.1.0.9 } } }`,
    messages: [
      `berth:hypervisors.own.network.gateway: is for mode "bridge"; in the others it is the first address of "cidr", the hypervisor itself. Remove it.`,
    ],
  },
  {
    title: "the address of the router behind a bridge",
    yaml: `{ hypervisors: { lan: { network: { mode: bridge, bridge: br0, cidr: 10.1.0.0/24, address: 10.1.0.5, gateway: 10.1.0.1, range: 10.1.0.64/26 } } }, machines: { web-1: { address: 10.1.0.1 }, web-2: { address: 10.1.0.5 } } }`,
    messages: [
      `berth:machines.web-1.address: 10.1.0.1 is the network's gateway; choose another.`,
      `berth:machines.web-2.address: 10.1.0.5 is the hypervisor's own address; choose another.`,
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
    messages: [
      `berth:images.debian.disk: missing; give the path or https: URL of a qcow2 or raw disk, or "manifest" instead.`,
    ],
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
    title: "a power state that there is not",
    yaml: `machines: { web-1: { power: off }, web-2: {} }`,
    messages: [`berth:machines.web-1.power: "off" is none of "running", "stopped", "paused".`],
  },
  {
    title: "services on machines that are to be off",
    yaml: `machines: { web-1: { power: stopped }, web-2: { power: paused } }`,
    messages: [
      `berth:services.web.machines: no machine that may run it runs: web-1, web-2; set "power" of one to "running", or choose another.`,
    ],
  },
  {
    title: "replicas that can't be apart on the machines that run",
    yaml: `
machines: { web-1: {}, web-2: { power: stopped } }
services: { web: { port: 80, replicas: 2, spread: machine } }`,
    messages: [
      `berth:services.web.replicas: 2 replicas need 2 machines with "spread: machine", and there is 1: web-1. Add a machine, or lower "replicas".`,
    ],
  },
  {
    title: "services without a machine",
    yaml: `machines: {}`,
    messages: [`berth:services.web.machines: there is no machine; add one under berth:machines.`],
  },
  {
    title: "replicas for more zones than there are",
    yaml: `services: { web: { port: 80, replicas: 2, spread: zone } }`,
    messages: [
      `berth:services.web.replicas: 2 replicas need 2 zones with "spread: zone", and there is 1: local. Add a machine in another zone, or lower "replicas".`,
    ],
  },
  {
    title: "a machine that is drained in other words",
    yaml: `
machines: { web-1: { drain: yes please } }`,
    messages: [`berth:machines.web-1.drain: "yes please" is not true or false.`],
  },
  {
    title: "a service whose machines are all drained",
    yaml: `
machines: { web-1: { drain: true }, web-2: {} }
services: { web: { port: 80, machines: [web-1] }, db: { port: 5432, pins: { 1: web-1 } } }`,
    messages: [
      `berth:services.web.machines: every machine that may run it is drained: web-1. Use one of them again, or add another.`,
      `berth:services.db.pins.1: machine "web-1" is none that may run it; use one of web-2.`,
    ],
  },
  {
    title: "a taint that nothing tolerates",
    yaml: `
machines: { web-1: { taints: [gpu] } }
services: { web: { port: 80 } }`,
    messages: [
      `berth:services.web.tolerates: every machine that may run it has a taint that it does not tolerate; add gpu, or another machine.`,
    ],
  },
  {
    title: "more reserved than there is",
    yaml: `machines: { web-1: { reserved: { memory: 2GiB, cpus: 4 } }, web-2: {} }`,
    messages: [
      `berth:machines.web-1.reserved.cpus: is more than the machine has; lower it, or raise "cpus".`,
      `berth:machines.web-1.reserved.memory: is more than the machine has; lower it, or raise "memory".`,
    ],
  },
  {
    title: "requests above the limits",
    yaml: `services: { web: { port: 80, memory: 64MiB, cpus: 0.5, requests: { memory: 128MiB, cpus: 1 } } }`,
    messages: [
      `berth:services.web.requests.cpus: is above "cpus", the most that a replica may use; lower it, or raise that.`,
      `berth:services.web.requests.memory: is above "memory", the most that a replica may use; lower it, or raise that.`,
    ],
  },
  {
    title: "neighbours that mean nothing",
    yaml: `
services:
  web:
    port: 80
    near: [{ service: wep }, { zone: attic }, { label: disk }, {}, { service: web, zone: local }]
    apart: [{ zone: local, within: zone }]`,
    messages: [
      `berth:services.web.near[0].service: there is no service "wep"; did you mean "web"?`,
      `berth:services.web.near[1].zone: no machine is in zone "attic"; use one of local.`,
      `berth:services.web.near[2].value: missing; give the label's value.`,
      `berth:services.web.near[3]: names nothing; write one of service, label with value, or zone.`,
      `berth:services.web.near[4]: names several things; write one of service, label with value, or zone.`,
      `berth:services.web.apart[0].within: is for services only; remove it.`,
    ],
  },
  {
    title: "weights and pins that are none",
    yaml: `services: { web: { port: 80, replicas: 2, pins: { first: web-1 }, near: [{ zone: local, weight: 0 }] } }`,
    messages: [
      `berth:services.web.near[0].weight: 0 is not a weight; write a whole number from 1 to 1000.`,
      `berth:services.web.pins.first: "first" is not a replica's number.`,
    ],
  },
  {
    title: "a group of services with different numbers of replicas",
    yaml: `services: { api: { port: 80, replicas: 2, group: pod }, web: { port: 80, group: pod } }`,
    messages: [
      `berth:services.web.group: service "api" of group "pod" has 2 replicas, and this one has 1; give both the same.`,
    ],
  },
  {
    title: "pins that lead nowhere",
    yaml: `services: { web: { port: 80, replicas: 2, pins: { 1: web-9, 3: web-1 } } }`,
    messages: [
      `berth:services.web.pins.1: machine "web-9" is none that may run it; use one of web-1, web-2.`,
      `berth:services.web.pins.3: there is no replica 3; raise "replicas" from 2, or remove the pin.`,
    ],
  },
  {
    title: "placement settings that there are not",
    yaml: `placement: { prefer: luck, speed: 9 }`,
    messages: [
      `berth:placement.prefer: "luck" is none of "balance", "pack".`,
      `berth:placement.speed: unknown key; use one of prefer.`,
    ],
  },
  {
    title: "other words for stateful, priority and cost",
    yaml: `
machines: { web-1: { cost: cheap }, web-2: {} }
services: { web: { port: 80, stateful: often, priority: 1.5 } }`,
    messages: [
      `berth:machines.web-1.cost: "cheap" is not a cost; write a number of 0 or more.`,
      `berth:services.web.priority: 1.5 is not a priority; write a whole number from -1000 to 1000.`,
      `berth:services.web.stateful: "often" is not true or false.`,
    ],
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
      `berth:loadBalancers.public.balance: "round-robin" is not an algorithm; use "roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random", "hdr(NAME)" or "url_param(NAME)".`,
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
      `berth:loadBalancers.public.routes[0].path: missing; give the path that it matches, such as "/api", or a "host" or "headers".`,
      `berth:loadBalancers.public.routes[0].service: missing; name the service that answers.`,
    ],
  },
  {
    title: "settings of a frontend beside frontends",
    yaml: `loadBalancers: { public: { port: 81, service: web, frontends: { web: {} } } }`,
    messages: [
      `berth:loadBalancers.public.port: is of one frontend; move it to one under "frontends".`,
      `berth:loadBalancers.public.service: is of one frontend; move it to one under "frontends".`,
    ],
  },
  {
    title: "frontends of wrong names, and none",
    yaml: `loadBalancers: { a: { frontends: { stats: {}, Web: { port: 81 } } }, b: { frontends: {} } }`,
    messages: [
      `berth:loadBalancers.a.frontends.Web: is not a frontend's name; use 1 to 63 lower-case letters, digits and inner hyphens, but not "stats" or "vrrp".`,
      `berth:loadBalancers.a.frontends.stats: is not a frontend's name; use 1 to 63 lower-case letters, digits and inner hyphens, but not "stats" or "vrrp".`,
      `berth:loadBalancers.b.frontends: is empty; name at least one, such as {web: {port: 80}}.`,
    ],
  },
  {
    title: "a misspelt field of a frontend, with what follows from it left out",
    yaml: `services: { api: { port: 80 }, web: { port: 80 } }\nloadBalancers: { public: { frontends: { web: { servce: api } } } }`,
    messages: [`berth:loadBalancers.public.frontends.web.servce: unknown key; did you mean "service"?`],
  },
  {
    title: "TLS without a certificate, with secrets that are not there, and with two kinds at once",
    yaml: `
secrets: { site: hidden }
loadBalancers:
  public:
    frontends:
      a: { port: 1, tls: {} }
      b: { port: 2, tls: { clientCa: ca, certificates: [{ certificate: site, key: site-key }] } }
      c: { port: 3, tls: { certificates: [{ key: site }, { hosts: [] }, { hosts: [a.example], certificate: site }] } }`,
    messages: [
      `berth:loadBalancers.public.frontends.a.tls.certificates: missing; give at least one, such as {certificate: site, key: site-key} with names from berth:secrets, or {hosts: [shop.example]} for one that Berth issues.`,
      `berth:loadBalancers.public.frontends.b.tls.certificates[0].key: there is no secret "site-key"; run: pulumi config set --secret --path 'berth:secrets.site-key'`,
      `berth:loadBalancers.public.frontends.b.tls.clientCa: there is no secret "ca"; run: pulumi config set --secret --path 'berth:secrets.ca'`,
      `berth:loadBalancers.public.frontends.c.tls.certificates[0].certificate: missing; name the secret that holds the PEM of the certificate and its chain, or give "hosts".`,
      `berth:loadBalancers.public.frontends.c.tls.certificates[1].hosts: is empty; name at least one host.`,
      `berth:loadBalancers.public.frontends.c.tls.certificates[2].hosts: is for a certificate that Berth issues; remove it, or "certificate" and "key".`,
    ],
  },
  {
    title: "redirects that lead nowhere, or that other settings have no sense with",
    yaml: `
loadBalancers:
  a: { redirect: https }
  b: { frontends: { web: { port: 81, redirect: https, service: web } } }`,
    messages: [
      `berth:loadBalancers.a.redirect: leads nowhere; it needs a frontend with "tls" beside it, under "frontends".`,
      `berth:loadBalancers.b.frontends.web.service: means nothing where every request is redirected; remove it or "redirect".`,
      `berth:loadBalancers.b.frontends.web.redirect: leads nowhere; no frontend in mode "http" has "tls".`,
    ],
  },
  {
    title: "HTTP where bytes are passed on",
    yaml: `
services: { db: { image: web, port: 5432, protocol: tcp } }
loadBalancers:
  a:
    port: 5432
    headers: { request: { remove: [Cookie] } }
    routes: [{ path: /api, service: db }, { service: db }]
    backends: { db: { sticky: { cookie: S }, balance: uri } }
  b: { mode: http }`,
    messages: [
      `berth:loadBalancers.a.routes[0].path: is of a request, which a frontend in mode "tcp" does not read; route by "host" (TLS' SNI), or use mode "http".`,
      `berth:loadBalancers.a.routes[1].host: missing; give the host name that TLS clients ask for (SNI).`,
      `berth:loadBalancers.a.headers: is of HTTP requests, which mode "tcp" does not read; remove it, or use mode "http".`,
      `berth:loadBalancers.a.backends.db.sticky: is of HTTP, and a frontend in mode "tcp" leads here; remove it.`,
      `berth:loadBalancers.a.backends.db.balance: "uri" looks at HTTP requests, and a frontend in mode "tcp" leads here; use another, such as "source".`,
      `berth:loadBalancers.b.service: service "db" has protocol "tcp", and this frontend mode "http"; give it a frontend in mode "tcp".`,
    ],
  },
  {
    title: "backends that mean nothing",
    yaml: `
loadBalancers:
  public:
    service: web
    backends:
      wbe: {}
      web: { hashType: consistent, weights: { 1: 0, 2: 0, 3: 5 }, sticky: {} }`,
    messages: [
      `berth:loadBalancers.public.backends.wbe: is no service that this load balancer sends requests to; did you mean "web"?`,
      `berth:loadBalancers.public.backends.web.hashType: is for algorithms by hash, and this is "roundrobin"; remove it.`,
      `berth:loadBalancers.public.backends.web.weights.3: there is no replica 3; the service has 2. Remove it, or raise "replicas".`,
      `berth:loadBalancers.public.backends.web.sticky.cookie: missing; give the name of the cookie, such as "SERVER".`,
    ],
  },
  {
    title: "weights that leave nobody",
    yaml: `loadBalancers: { public: { backends: { web: { weights: { 1: 0, 2: 0 } } } } }`,
    messages: [
      `berth:loadBalancers.public.backends.web.weights: are all 0, so that no replica would get a request; raise one.`,
    ],
  },
  {
    title: "statistics for everybody, limits without a number and networks that are none",
    yaml: `
loadBalancers:
  public: { stats: {}, rateLimit: { period: 1m }, allow: [10.0.0.0/33, 10.1.1.1/8, 10.0.0.0/8] }`,
    messages: [
      `berth:loadBalancers.public.allow[0]: "10.0.0.0/33" is not an IPv4 network.`,
      `berth:loadBalancers.public.allow[1]: "10.1.1.1/8" is not an IPv4 network.`,
      `berth:loadBalancers.public.rateLimit.requests: missing; give how many requests a client may make a period.`,
      `berth:loadBalancers.public.stats.password: missing; name the secret that holds it: the page tells what runs where.`,
    ],
  },
  {
    title: "a health check that can't be",
    yaml: `services: { web: { image: web, port: 80, replicas: 2, health: { status: "2xx", agent: {} } } }`,
    messages: [
      `berth:services.web.health.status: "2xx" is not an HTTP status; write one from 100 to 599, or several, such as "200-299,304".`,
    ],
  },
  {
    title: "an agent without a port",
    yaml: `services: { web: { image: web, port: 80, replicas: 2, health: { agent: {} } } }`,
    messages: [`berth:services.web.health.agent.port: missing; give the TCP port that the agent listens on.`],
  },
  {
    title: "load balancers on machines that can't be",
    yaml: `
machines: { web-1: {}, web-2: {}, off: { power: stopped } }
loadBalancers:
  a: { machines: [web-1, web-2] }
  b: { machines: [], hypervisor: local }
  c: { machines: [web-3, web-1, web-1], virtualAddress: { address: 192.168.130.9 } }
  d: { machines: [off], bind: 192.168.130.1 }
  e: { virtualAddress: { address: 192.168.130.9 }, port: 81 }
  f: { machines: [web-1, web-2], virtualAddress: { address: 10.0.0.1, interval: 15ms }, port: 82 }
  g: { machines: [web-1, web-2], virtualAddress: {}, port: 83 }`,
    messages: [
      `berth:loadBalancers.a.virtualAddress: missing; give the one address that clients use, such as {address: "192.168.130.5"}.`,
      `berth:loadBalancers.b.hypervisor: is that of its machines; remove it, or "machines".`,
      `berth:loadBalancers.b.machines: is empty; name a machine, or leave "machines" out.`,
      `berth:loadBalancers.c.machines[0]: there is no machine "web-3"; did you mean "web-1"?`,
      `berth:loadBalancers.c.machines[2]: names "web-1" again; remove it.`,
      `berth:loadBalancers.c.virtualAddress: is for several machines, and this is one; add another to "machines", or remove it.`,
      `berth:loadBalancers.d.machines: machine "off" is to be stopped; set its "power" to "running", or choose another.`,
      `berth:loadBalancers.d.bind: 192.168.130.1 is not where it runs; use 192.168.130.160, or "0.0.0.0" for every address there.`,
      `berth:loadBalancers.e.virtualAddress: is for several machines; name them in "machines".`,
      `berth:loadBalancers.f.virtualAddress.address: 10.0.0.1 is no address of 192.168.130.0/24, the machines' network; choose one of it.`,
      `berth:loadBalancers.f.virtualAddress.interval: 15ms can't be said in VRRP; use hundredths of a second from 100ms to 40.95s.`,
      `berth:loadBalancers.g.virtualAddress.address: missing; give an address of the hypervisor's network that no machine has.`,
    ],
  },
  {
    title: "virtual addresses that somebody has",
    yaml: `
machines: { web-1: { address: 192.168.130.50 }, web-2: {} }
loadBalancers:
  a: { machines: [web-1, web-2], virtualAddress: { address: 192.168.130.50 } }
  b: { machines: [web-1, web-2], virtualAddress: { address: 192.168.130.1 }, port: 81 }
  c: { machines: [web-1, web-2], virtualAddress: { address: 192.168.130.9, routerId: 7 }, port: 82 }
  d: { machines: [web-1, web-2], virtualAddress: { address: 192.168.130.9 }, port: 83 }
  e: { machines: [web-1, web-2], virtualAddress: { address: 192.168.130.10, routerId: 7 }, port: 84 }`,
    messages: [
      `berth:loadBalancers.a.virtualAddress.address: 192.168.130.50 is the address of machine "web-1"; choose another.`,
      `berth:loadBalancers.b.virtualAddress.address: 192.168.130.1 is the hypervisor's own address; choose another.`,
      `berth:loadBalancers.d.virtualAddress.address: 192.168.130.9 is that of load balancer "c"; choose another.`,
      `berth:loadBalancers.e.virtualAddress.routerId: 7 is that of load balancer "c"; choose another from 1 to 255.`,
    ],
  },
  {
    title: "connections that lead nowhere",
    yaml: `
services:
  web: { image: web, port: 80 }
  shop:
    image: web
    port: 81
    env: { D_URL: mine }
    connects:
      A: {}
      B: { loadBalancer: intern }
      C: { loadBalancer: two }
      D: { loadBalancer: internal }
      E: { loadBalancer: two, frontend: c }
      F: { loadBalancer: local }
loadBalancers:
  internal: { service: web }
  local: { service: web, bind: 127.0.0.1 }
  two: { frontends: { a: { port: 81, service: web }, b: { port: 82, service: web } } }`,
    messages: [
      `berth:services.shop.connects.A.loadBalancer: missing; name the load balancer: "internal", "local", "two".`,
      `berth:services.shop.connects.B.loadBalancer: there is no load balancer "intern"; did you mean "internal"?`,
      `berth:services.shop.connects.C.frontend: load balancer "two" has several frontends; choose one of "a", "b".`,
      `berth:services.shop.connects.D: sets D_URL, which "env" or "secrets" sets too; rename one of them.`,
      `berth:services.shop.connects.E.frontend: load balancer "two" has no frontend "c"; use "a" or "b".`,
      `berth:services.shop.connects.F: frontend "http" listens on 127.0.0.1, which only programs on its own host reach; give it an address of the machines' network in "bind".`,
    ],
  },
  {
    title: "two frontends of one load balancer on one port",
    yaml: `loadBalancers: { public: { frontends: { a: { port: 81 }, b: { port: 81 } } } }`,
    messages: [
      `berth:loadBalancers.public.frontends.b.port: 81 on 192.168.130.1 is already taken by load balancer "public" on hypervisor "local"; choose another.`,
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
    title: "a service that runs as machines where no hypervisor says what it has",
    yaml: `services: { web: { runsAs: machine, port: 80 } }`,
    messages: [
      `berth:hypervisors.local.capacity: missing; service "web" runs as machines, which are placed by what there is: give cpus, memory and disk.`,
    ],
  },
  {
    title: "a service that runs as machines with what containers have, and the other way round",
    yaml: `
hypervisors: { local: { capacity: { cpus: 8, memory: 8GiB, disk: 40GiB } } }
services:
  web: { image: web, port: 80, cloudConfig: {}, hypervisors: [local] }
  db: { runsAs: machine, image: {ref: x}, port: 22, cpus: 0.5, env: { A: b }, publish: 80, machines: [web-1], cloudConfig: { hostname: x } }`,
    messages: [
      `berth:services.web.hypervisors: is for services with "runsAs: machine"; add that, or remove it.`,
      `berth:services.web.cloudConfig: is for services with "runsAs: machine"; add that, or remove it.`,
      `berth:services.db.publish: a machine answers on its own address, on "port"; remove it.`,
      `berth:services.db.env: is for containers; write what the program needs with "cloudConfig".`,
      `berth:services.db.machines: is for containers; choose hypervisors with "hypervisors".`,
      `berth:services.db.image: is a container image; name a guest image from berth:images.`,
      `berth:services.db.port: 22 is the machine's SSH; choose another.`,
      `berth:services.db.cpus: is not a whole number, and a machine has whole virtual CPUs.`,
      `berth:services.db.cloudConfig.hostname: Berth sets this itself, to know the machine again; remove it.`,
    ],
  },
  {
    title: "a hypervisor that its machines are too much for, and half a capacity",
    yaml: `
hypervisors: { local: { capacity: { cpus: 3, memory: 8GiB } } }`,
    messages: [
      `berth:hypervisors.local.capacity.disk: missing; give what its machines may take of it together.`,
      `berth:hypervisors.local.capacity.cpus: is less than its machines take together: web-1, web-2; raise it, or lower theirs.`,
    ],
  },
  {
    title:
      "hypervisors that are not there or not tolerated, a pin elsewhere, and a machine of a hypervisor's name",
    yaml: `
hypervisors: { local: { capacity: { cpus: 8, memory: 8GiB, disk: 40GiB }, taints: [gpu] } }
machines: { local: {} }
services:
  web: { image: web, port: 80 }
  db: { runsAs: machine, port: 5432, hypervisors: [locl] }
  mq: { runsAs: machine, port: 5672, pins: { 1: web-1 } }
  kv: { runsAs: machine, port: 6379, hypervisors: { disk: ssd }, tolerates: [gpu] }`,
    messages: [
      `berth:services.db.hypervisors[0]: there is no hypervisor "locl"; did you mean "local"?`,
      `berth:services.kv.hypervisors: no hypervisor has the labels {"disk":"ssd"}; add them to "labels" of one.`,
      `berth:services.mq.tolerates: every hypervisor that may run it has a taint that it does not tolerate; add gpu, or another hypervisor.`,
      `berth:hypervisors.local: a machine has this name too, and a service that runs as a machine could not tell which is meant; rename one of them.`,
    ],
  },
  {
    title: "a container and a machine that are to be in one place",
    yaml: `
hypervisors: { local: { capacity: { cpus: 8, memory: 8GiB, disk: 40GiB } } }
services:
  web: { image: web, port: 80, group: g, near: [{ service: db }] }
  db: { runsAs: machine, port: 5432, group: g, near: [{ service: web, within: zone }] }`,
    messages: [
      `berth:services.web.group: service "db" of group "g" does not run as the same, so they can't be on one machine; take it out of the group.`,
      `berth:services.web.near[0]: service "db" does not run as the same, so they can't be on one machine; write "within: zone".`,
      `berth:services.db.group: service "web" of group "g" does not run as the same, so they can't be on one machine; take it out of the group.`,
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
  {
    title: "settings of a rollout that go with another strategy",
    yaml: `services: { web: { image: web, replicas: 2, port: 80, rollout: { weights: [5], hold: 1m, check: {} } } }`,
    messages: [
      `berth:services.web.rollout.weights: is for strategy "canary", and this one is "rolling"; remove it, or change the strategy.`,
      `berth:services.web.rollout.hold: is for strategy "blueGreen" and "canary", and this one is "rolling"; remove it, or change the strategy.`,
      `berth:services.web.rollout.check: is for strategy "blueGreen" and "canary", and this one is "rolling"; remove it, or change the strategy.`,
    ],
  },
  {
    title: "a rolling update in which nothing may change",
    yaml: `services: { web: { image: web, replicas: 2, port: 80, rollout: { maxSurge: 0, maxUnavailable: 0% } } }`,
    messages: [
      `berth:services.web.rollout: with "maxSurge" 0 and "maxUnavailable" 0 no replica could ever be replaced; raise one of them.`,
    ],
  },
  {
    title: "a canary whose share falls, and numbers that are none",
    yaml: `services: { web: { image: web, replicas: 2, port: 80, rollout: { strategy: canary, weights: [50, 25], maxSurge: 1 } }, api: { image: web, port: 80, publish: 81, rollout: { maxSurge: some } } }`,
    messages: [
      `berth:services.api.rollout.maxSurge: "some" is not a number of replicas; write a whole number, or a percentage from "0%" to "100%".`,
      `berth:services.web.rollout.maxSurge: is for strategy "rolling", and this one is "canary"; remove it, or change the strategy.`,
      `berth:services.web.rollout.weights.1: 25 is not above 50, the one before; let them rise.`,
    ],
  },
  {
    title: "autoscaling by nothing, to fewer than the least, and without a most",
    yaml: `services: { web: { image: web, replicas: 2, port: 80, autoscale: { min: 3, max: 2, queue: 1 } }, api: { image: web, port: 80, publish: 81, autoscale: { sessions: 5 } }, shop: { image: web, port: 80, publish: 82, autoscale: { max: 5 } } }`,
    messages: [
      `berth:services.api.autoscale.max: missing; give the most replicas that there may be.`,
      `berth:services.shop.autoscale: has nothing to scale by; give "sessions", "queue", "requests" or "responseTime".`,
      `berth:services.web.autoscale.max: 2 is below "min", 3; raise it.`,
    ],
  },
  {
    title: "rollouts in stages of services that get no requests by weight",
    yaml: `{ services: { web: { image: web, port: 80, rollout: { strategy: canary } }, api: { image: web, port: 80, publish: 81, rollout: { strategy: blueGreen } } }, loadBalancers: { public: { service: web, balance: source } } }`,
    messages: [
      `berth:services.api.rollout: no load balancer sends requests to the service, which strategy "blueGreen" is about; use "rolling", or name the service in a load balancer.`,
      `berth:services.web.rollout: strategy "canary" goes by weight, and load balancer "public" balances by "source"; use roundrobin, leastconn, random, or strategy "rolling".`,
    ],
  },
];
