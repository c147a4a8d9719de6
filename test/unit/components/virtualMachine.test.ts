import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ContainerRuntime } from "../../../components/containerRuntime.js";
import { Hypervisor } from "../../../components/hypervisor.js";
import { VirtualMachine } from "../../../components/virtualMachine.js";
import { answers, Engine, lineage, value } from "./mocks.js";

const domainType = "berth:index:Domain";
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
        docker: true,
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
  test("makes a seed and a domain, all its children, and starts as a fork of the hypervisor's template", async () => {
    const box = machine();
    await value(box.domainId);
    const parent = "berth:index:VirtualMachine$";
    expect(await lineage(box.nodes.domain)).toBe(`${parent}${domainType}::box`);
    expect(await lineage(box.nodes.seed)).toBe(`${parent}libvirt:index/cloudInitDisk:CloudInitDisk::box`);
    expect(await lineage(box.nodes.hostKey)).toBe(`${parent}berth:index:SshKey::box-host`);
    expect(Object.keys(engine.of("berth:index:SavedDomain"))).toEqual(["local-debian-1cpu-1024MiB"]);
    expect(engine.one(domainType, "box").inputs).toMatchObject({
      template: { path: "/templates/one", disk: "/pool/template.qcow2", cpus: 1, memoryMiB: 1024 },
      reason: 'image "debian" has a template with 1 processor, 1024 MiB',
      requireFork: false,
    });
  });

  test("machines of one shape share a template, and those with the same room for more; another shape has its own", async () => {
    machine({ cpus: 2 });
    const more = { hypervisor, image: "debian", cpus: 2, mac: "52:54:00:ce:11:11" };
    new VirtualMachine("second", { ...more, address: "192.168.140.11" });
    await value(new VirtualMachine("third", { ...more, address: "192.168.140.12", memory: "2GiB" }).domainId);
    const room = { ...more, address: "192.168.140.13", maxCpus: 4, maxMemory: "4GiB" };
    await value(new VirtualMachine("fourth", room).domainId);
    const larger = { ...room, address: "192.168.140.14", cpus: 3, memory: "3GiB" };
    await value(new VirtualMachine("fifth", larger).domainId);
    expect(Object.keys(engine.of("berth:index:SavedDomain")).sort()).toEqual([
      "local-debian-1cpu-1024MiB-to-4cpu-4096MiB",
      "local-debian-2cpu-1024MiB",
      "local-debian-2cpu-2048MiB",
    ]);
    expect(
      engine.one("berth:index:SavedDomain", "local-debian-1cpu-1024MiB-to-4cpu-4096MiB").inputs,
    ).toMatchObject({ cpus: 1, maxCpus: 4, memoryMiB: 1024, maxMemoryMiB: 4096 });
    const { template, cpus, memoryMiB, reason } = engine.one(domainType, "fifth").inputs;
    expect(template).toMatchObject({ cpus: 1, memoryMiB: 1024 });
    expect([cpus, memoryMiB]).toEqual([3, 3072]);
    expect(reason).toBe(
      'image "debian" has a template with 1 processor, 1024 MiB, up to 4 processors, 4096 MiB; 2 processors and 2048 MiB more are added to it',
    );
  });

  test("boots cold where it is told to", async () => {
    await value(machine({ start: "cold" }).domainId);
    const { inputs } = engine.one(domainType, "box");
    expect(inputs["template"]).toBeUndefined();
    expect(inputs["reason"]).toBe('"start" is "cold"');
    expect(engine.of("berth:index:SavedDomain")).toEqual({});
  });

  test("fills in the defaults, and takes what it is given", async () => {
    await value(machine().domainId);
    expect(engine.one(domainType, "box").inputs).toMatchObject({
      name: "box",
      uri: "qemu:///system",
      type: "qemu",
      cpus: 1,
      memoryMiB: 1024,
      autostart: true,
      power: "running",
      stopGrace: "2m",
      root: { pool: "local", name: "box.qcow2", base: "/pool/local-debian-disk-id", size: 4 * 2 ** 30 },
      boot: {
        kernel: "/pool/local-debian-kernel-id",
        initrd: "/pool/local-debian-initrd-id",
        cmdline: "root=LABEL=root quiet console=ttyS0",
      },
      nic: { network: "local", mac: "52:54:00:ce:11:10" },
      consoleLog: "/var/log/libvirt/qemu/box.log",
      // A secret as a whole, for the host key in it.
      identity: {
        value: { hostname: "box", address: "192.168.140.10/24", user: "berth", firstBoot: false },
      },
    });
    engine = await Engine.start(answers);
    const given = {
      cpus: 3,
      memory: "2GiB",
      disk: "10GiB",
      domainName: "dev-box",
      cloudConfig: { packages: [] },
    };
    await value(machine(given).domainId);
    expect(engine.one(domainType, "box").inputs).toMatchObject({
      name: "dev-box",
      cpus: 3,
      memoryMiB: 2048,
      root: { name: "dev-box.qcow2", size: 10 * 2 ** 30 },
      identity: { value: { firstBoot: true } },
    });
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
    await value(machine({ transform: { domain: { machine: "pc" } } }).domainId);
    expect(engine.one(domainType, "box").inputs).toMatchObject({ machine: "pc", name: "box" });
  });

  test("one that is not to run can have no runtime, and says why", async () => {
    const box = machine({ power: "paused" });
    expect(() => new ContainerRuntime("box", { machine: box })).toThrow(
      'runtime "box": machine "box" does not run, so Docker in it can\'t be reached. Set its "power" to "running"',
    );
    await value(box.domainId);
    expect(engine.one(domainType, "box").inputs).toMatchObject({ power: "paused", autostart: false });
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
