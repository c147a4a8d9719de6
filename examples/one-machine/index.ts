import { ContainerRuntime, Hypervisor, imageFromManifest, VirtualMachine } from "@berth/components";

const hypervisor = new Hypervisor("local", {
  uri: process.env["BERTH_LIBVIRT_URI"] ?? "qemu:///system",
  network: { cidr: "192.168.140.0/24", name: "one-machine", bridge: "one-machine" },
  pool: { path: "/var/lib/libvirt/one-machine", name: "one-machine" },
  // An image without Docker: the runtime installs it from the guest's own package source.
  images: { debian: imageFromManifest(".berth/images/debian-12/image.json") },
  consoleLogs: process.env["BERTH_CONSOLE_LOGS"] ?? "/var/log/libvirt/qemu",
});

const machine = new VirtualMachine("box", {
  hypervisor,
  image: "debian",
  address: "192.168.140.10",
  mac: "52:54:00:ce:11:10",
});

const runtime = new ContainerRuntime("box", { machine });

export const address = machine.address;
export const docker = runtime.version;
