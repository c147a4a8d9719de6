import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Hypervisor } from "../../../components/hypervisor.js";
import { VirtualMachine } from "../../../components/virtualMachine.js";
import { answers, Engine, lineage, value } from "./mocks.js";

const domainType = "libvirt:index/domain:Domain";
const digest = "0123456789abcdef".repeat(4);

let engine: Engine;
let hypervisor: Hypervisor;

// What a test began ends with it, and does not reach the next one's engine.
afterEach(() => pulumi.runtime.disconnect());
beforeEach(async () => {
  engine = await Engine.start(answers);
  hypervisor = new Hypervisor("local", {
    network: { cidr: "192.168.140.0/24" },
    pool: { path: "/pool" },
    images: {
      debian: {
        disk: "disk.qcow2",
        sha256: digest,
        kernel: "vmlinuz",
        kernelSha256: digest,
        initrd: "initrd.img",
        initrdSha256: digest,
        cmdline: "root=LABEL=root quiet console=ttyS0",
      },
    },
  });
});

const machine = (args: Partial<ConstructorParameters<typeof VirtualMachine>[1]> = {}) =>
  new VirtualMachine("box", {
    hypervisor,
    image: "debian",
    address: "192.168.140.10",
    mac: "52:54:00:ce:11:10",
    ...args,
  });

describe("VirtualMachine", () => {
  test("makes a linked clone, a seed and a domain, all its children, on the hypervisor's provider", async () => {
    const box = machine();
    await value(box.domainId);
    const parent = "berth:index:VirtualMachine$";
    expect(await lineage(box.nodes.domain)).toBe(`${parent}${domainType}::box`);
    expect(await lineage(box.nodes.disk)).toBe(`${parent}libvirt:index/volume:Volume::box`);
    expect(await lineage(box.nodes.seed)).toBe(`${parent}libvirt:index/cloudInitDisk:CloudInitDisk::box`);
    expect(await lineage(box.nodes.hostKey)).toBe(`${parent}berth:index:SshKey::box-host`);
    expect(engine.one(domainType, "box").provider).toBe("local");
    expect(engine.one("libvirt:index/volume:Volume", "box").inputs).toMatchObject({
      name: "box.qcow2",
      baseVolumeId: "/pool/debian-disk-id",
      size: 4 * 2 ** 30,
    });
  });

  test("fills in the defaults, and takes what it is given", async () => {
    await value(machine().domainId);
    expect(engine.one(domainType, "box").inputs).toMatchObject({
      name: "box",
      type: "qemu",
      vcpu: 1,
      memory: 1024,
      autostart: true,
      kernel: "/pool/debian-kernel-id",
      initrd: "/pool/debian-initrd-id",
      cmdlines: [{ console: "ttyS0", root: "LABEL=root" }, { _: "quiet" }],
    });
    engine = await Engine.start(answers);
    await value(machine({ cpus: 3, memory: "2GiB", disk: "10GiB", domainName: "dev-box" }).domainId);
    expect(engine.one(domainType, "box").inputs).toMatchObject({ name: "dev-box", vcpu: 3, memory: 2048 });
    expect(engine.one("libvirt:index/volume:Volume", "box").inputs["size"]).toBe(10 * 2 ** 30);
  });

  test("shows no display to anybody, and keeps the console's words", async () => {
    await value(machine().domainId);
    const { xslt } = engine.one(domainType, "box").inputs["xml"];
    expect(xslt).toContain('match="/domain/devices/graphics|/domain/devices/video"/>');
    expect(xslt).toContain('<log file="/var/log/libvirt/qemu/box.log" append="on"/>');
  });

  test("the keys' private halves and the seed that carries one are secret", async () => {
    const box = machine();
    await value(box.domainId);
    expect(await pulumi.isSecret(box.ssh.privateKey)).toBe(true);
    expect(await pulumi.isSecret(box.nodes.hostKey.privateKey)).toBe(true);
    expect(await pulumi.isSecret(box.ssh.hostKey)).toBe(false);
    const seed = engine.one("libvirt:index/cloudInitDisk:CloudInitDisk", "box").inputs;
    expect(JSON.stringify(seed["userData"])).toContain("private key");
    expect(await pulumi.isSecret(box.nodes.seed.userData)).toBe(true);
    expect(seed["name"]).toMatch(/^box-[0-9a-f]{12}$/);
  });

  test("transform has the last word on a child's arguments", async () => {
    await value(machine({ transform: { domain: { description: "mine" } } }).domainId);
    expect(engine.one(domainType, "box").inputs).toMatchObject({ description: "mine", name: "box" });
  });

  test("an image that the hypervisor doesn't have is named, with those that it has", () => {
    expect(() => machine({ image: "debain" })).toThrow(
      'machine "box": hypervisor "local" has no image "debain"; it has: debian',
    );
  });

  test("a size that is none is refused", () => {
    expect(() => machine({ memory: "1 gig" })).toThrow('"1 gig" is not a size');
  });
});
