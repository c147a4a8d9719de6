import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Hypervisor, type HypervisorArgs } from "../../../components/hypervisor.js";
import { answers, Engine, lineage, value } from "./mocks.js";

const digest = "0123456789abcdef".repeat(4);
const args: HypervisorArgs = {
  uri: "qemu+ssh://host/system",
  network: { cidr: "10.20.0.0/16", name: "machines", bridge: "machines0" },
  pool: { path: "/srv/pool" },
  images: { debian: { disk: "disk.qcow2", sha256: digest, kernel: "vmlinuz", kernelSha256: digest } },
};

let engine: Engine;
// What a test began ends with it, and does not reach the next one's engine.
afterEach(() => pulumi.runtime.disconnect());
beforeEach(async () => {
  engine = await Engine.start(answers);
});

describe("Hypervisor", () => {
  test("makes a NAT network without DHCP, a pool, and the accelerator's probe", async () => {
    const host = new Hypervisor("local", args);
    expect(await value(host.accelerator)).toBe("qemu");
    expect(host.gateway).toBe("10.20.0.1");
    expect(host.prefixLength).toBe(16);
    await value(host.nodes.network.id);
    await value(host.nodes.pool.id);
    expect(engine.one("libvirt:index/network:Network", "local").inputs).toMatchObject({
      name: "machines",
      bridge: "machines0",
      mode: "nat",
      addresses: ["10.20.0.0/16"],
      dhcp: { enabled: false },
    });
    const sealed = new Hypervisor("sealed", {
      ...args,
      network: { cidr: "10.21.0.0/16", mode: "isolated" },
    });
    await value(sealed.nodes.network.id);
    expect(engine.one("libvirt:index/network:Network", "sealed").inputs).toMatchObject({
      name: "sealed",
      bridge: "br-sealed",
      mode: "none",
    });
    const bridged = new Hypervisor("bridged", {
      ...args,
      network: {
        ...{ mode: "bridge", bridge: "br0", cidr: "10.30.0.0/16" },
        ...{ address: "10.30.0.5", gateway: "10.30.0.1", nameservers: ["10.30.0.2"] },
      },
    });
    await value(bridged.nodes.network.id);
    const { xml: _, ...inputs } = engine.one("libvirt:index/network:Network", "bridged").inputs;
    expect(inputs).toEqual({ name: "bridged", mode: "bridge", bridge: "br0", autostart: true });
    expect([bridged.address, bridged.gateway, bridged.nameservers]).toEqual([
      "10.30.0.5",
      "10.30.0.1",
      ["10.30.0.2"],
    ]);
    expect(engine.one("libvirt:index/pool:Pool", "local").inputs).toMatchObject({
      name: "local",
      type: "dir",
      target: { path: "/srv/pool" },
    });
    expect(engine.one("berth:index:Accelerator", "local").inputs).toEqual({
      uri: "qemu+ssh://host/system",
      accelerator: "auto",
      kernel: "/pool/local-debian-kernel-id",
    });
    expect(await lineage(host.nodes.pool)).toBe("berth:index:Hypervisor$libvirt:index/pool:Pool::local");
  });

  test("uploads each image after its digest was checked, under a name with the digest in it", async () => {
    const host = new Hypervisor("local", args);
    const disk = host.images["debian"]!.disk;
    await value(disk.id);
    expect(engine.one("berth:index:ImageFile", "local-debian-disk").inputs).toEqual({
      path: "disk.qcow2",
      disk: true,
      sha256: digest,
    });
    expect(engine.one("libvirt:index/volume:Volume", "local-debian-disk").inputs).toMatchObject({
      name: "debian-disk-0123456789ab.qcow2",
      source: "/images/disk.qcow2",
      format: "qcow2",
    });
    expect(host.images["debian"]!.initrd).toBeUndefined();
  });

  test("a kernel without its digest is refused", () => {
    const images = { debian: { disk: "disk.qcow2", sha256: digest, kernel: "vmlinuz" } };
    expect(() => new Hypervisor("local", { ...args, images })).toThrow(
      'image "debian": kernel needs kernelSha256',
    );
  });

  test("a network that is none is refused", () => {
    expect(() => new Hypervisor("local", { ...args, network: { cidr: "10.20.0.7/16" } })).toThrow(
      '"10.20.0.7/16" is not an IPv4 network',
    );
  });
});
