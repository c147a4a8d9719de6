import { describe, expect, test } from "vitest";
import { changeEffect } from "../../../../providers/berth/domain/changeEffect.js";
import { checkDomain, withDefaults } from "../../../../providers/berth/domain/checkDomain.js";
import { domainXml, readDomainXml } from "../../../../providers/berth/domain/domainXml.js";
import { isOwn, ownerMark } from "../../../../providers/berth/domain/ownership.js";
import { domain } from "../../../../providers/berth/domain.js";

const inputs: any = {
  uri: "qemu:///system",
  name: "dev-web-1",
  type: "qemu",
  machine: "q35",
  cpus: 2,
  memoryMiB: 1024,
  root: { pool: "dev", name: "dev-web-1.qcow2", base: "/pool/debian.qcow2", size: 4 * 2 ** 30 },
  seed: "/pool/seed",
  boot: { kernel: "/pool/vmlinuz", initrd: "/pool/initrd", cmdline: "root=LABEL=root quiet" },
  nic: { network: "dev", mac: "52:54:00:CE:11:10" },
  consoleLog: "/logs/dev-web-1.log",
  autostart: true,
  power: "running",
  stopGrace: "2m",
  reason: "of a template",
  requireFork: false,
  identity: {},
};
const uuid = "00112233-4455-4677-8899-aabbccddeeff";

describe("a domain's description", () => {
  const xml = domainXml({ ...inputs, uuid, disk: "/pool/dev-web-1.qcow2" });

  test("shows no display to anybody, and keeps the console's words", () => {
    expect(xml).not.toMatch(/graphics|spice|vnc/);
    expect(xml).toContain('<video><model type="none"/></video>');
    expect(xml).toContain('<log file="/logs/dev-web-1.log" append="on"/>');
  });

  test("an emulated processor does without what its emulation does byte by byte; a real one is handed on as it is", () => {
    expect(xml).toContain('<cpu mode="maximum"><feature policy="disable" name="erms"/></cpu>');
    expect(domainXml({ ...inputs, type: "kvm", disk: "/d" })).toContain('<cpu mode="host-passthrough"/>');
  });

  test("disks are named by path, and the seed can only be read", () => {
    expect(xml).toContain('<source file="/pool/seed"/><target dev="vdb" bus="virtio"/><readonly/>');
    expect(xml).not.toContain("volume=");
  });

  test("is read back as it was written", () => {
    expect(readDomainXml(xml)).toEqual({
      uuid,
      cpus: 2,
      memoryMiB: 1024,
      ceiling: { cpus: 2, memoryMiB: 1024 },
      disks: { vda: "/pool/dev-web-1.qcow2", vdb: "/pool/seed" },
      macs: ["52:54:00:ce:11:10"],
    });
    const roomy = {
      ...inputs,
      uuid,
      disk: "/d",
      maxCpus: 4,
      maxMemoryMiB: 4096,
      description: "Tom & Co's <own>",
    };
    const more = {
      dataDisks: { logs: "/pool/l'ogs", data: "/pool/data" },
      interfaces: { two: { network: "n", mac: "M" } },
    };
    expect(readDomainXml(domainXml({ ...roomy, ...more }))).toMatchObject({
      cpus: 2,
      memoryMiB: 1024,
      ceiling: { cpus: 4, memoryMiB: 4096 },
      description: "Tom & Co's <own>",
      disks: { sda: "/pool/data", sdb: "/pool/l'ogs" },
      macs: ["52:54:00:ce:11:10", "m"],
    });
    const libvirts = xml.replace('<memory unit="MiB">1024', "<memory unit='KiB'>1048576");
    expect(readDomainXml(libvirts).memoryMiB).toBe(1024);
  });

  test("what a name holds stays text", () => {
    expect(domainXml({ ...inputs, name: '"><x/>', disk: "/d" })).toContain(
      "<name>&quot;&gt;&lt;x/&gt;</name>",
    );
  });

  test("carries the mark of the resource that made it, and of no other", () => {
    const marked = domainXml({ ...inputs, disk: "/d" }, ownerMark("urn:one"));
    expect(isOwn(marked, "urn:one")).toBe(true);
    // libvirt writes attributes in single quotes.
    expect(isOwn(marked.replaceAll('"', "'"), "urn:one")).toBe(true);
    expect(isOwn(marked, "urn:two")).toBe(false);
    expect(isOwn(xml, "urn:one")).toBe(false);
  });
});

describe("a change of a domain", () => {
  const state: any = { uuid, power: "running", ceiling: { cpus: 4, memoryMiB: 2048 } };
  const old = withDefaults({ ...inputs, disks: { data: { size: 2 ** 30 } } });
  /** The changes as the engine is told, and what they do to a machine that was found so. */
  const effect = (change: object, found = "running", of: object = state) => {
    // A refresh puts what it found there.
    const oldInputs = { ...old, power: found } as any;
    const wanted = withDefaults({ ...old, ...change } as any);
    const request = {
      id: uuid,
      state: { ...of, power: found },
      oldInputs,
      inputs: wanted,
      ignoreChanges: [],
    };
    const { changes } = domain.diff!(request as any, { urn: "urn:one", log() {} } as any) as any;
    const { kind, because } = changeEffect(request.state as any, oldInputs, wanted);
    return { changes: changes.map(({ path, kind: how }: any) => `${path} ${how}`), kind, because };
  };
  const first = { ...inputs.nic };

  test("a seed that came unasked takes effect once it is asked to, and only where the machine was made with another", () => {
    const made = (firstSeed: string) => ({ ...state, firstSeed });
    expect(effect({ newSeed: "replace" }, "running", made("/pool/first"))).toEqual({
      changes: ["seed update-replace"],
      kind: "replace",
      because: ["seed"],
    });
    expect(effect({}, "running", made("/pool/first")).kind).toBe("nothing");
    expect(effect({ newSeed: "replace" }, "running", made(old.seed!)).kind).toBe("nothing");
  });

  test.each<[string, object, string[], string, string[]]>([
    ["nothing", {}, [], "nothing", []],
    [
      "memory within what it was started for: in place",
      { memoryMiB: 2048 },
      ["memoryMiB update"],
      "in place",
      [],
    ],
    ["less memory: in place", { memoryMiB: 900 }, ["memoryMiB update"], "in place", []],
    [
      "more memory than that: restart",
      { memoryMiB: 4096 },
      ["memoryMiB update"],
      "restart",
      ["memory 1024 → 4096 MiB"],
    ],
    [
      "memory in odd steps: restart",
      { memoryMiB: 1100 },
      ["memoryMiB update"],
      "restart",
      ["memory 1024 → 1100 MiB"],
    ],
    ["processors within what it was started for: in place", { cpus: 4 }, ["cpus update"], "in place", []],
    ["more processors than that: restart", { cpus: 5 }, ["cpus update"], "restart", ["cpus 2 → 5"]],
    [
      "room for more: in place, for the next start",
      { maxCpus: 8, maxMemoryMiB: 8192 },
      ["maxCpus add", "maxMemoryMiB add"],
      "in place",
      [],
    ],
    [
      "a larger disk: in place",
      { root: { ...inputs.root, size: 2 ** 33 } },
      ["root.size update"],
      "in place",
      [],
    ],
    [
      "a disk more: in place",
      { disks: { ...old.disks, logs: { size: 2 ** 30 } } },
      ["disks.logs add"],
      "in place",
      [],
    ],
    [
      "a disk less: in place",
      { disks: {}, discard: ["data"] },
      ["disks.data delete", "discard[0] add"],
      "in place",
      [],
    ],
    [
      "a disk mounted elsewhere: in place",
      { disks: { data: { size: 2 ** 30, mount: "/data" } } },
      ["disks.data.mount add"],
      "in place",
      [],
    ],
    [
      "an interface more: in place",
      { interfaces: { two: { network: "n", mac: "m" } } },
      ["interfaces.two add"],
      "in place",
      [],
    ],
    [
      "another boot order: in place, for the next start",
      { bootOrder: ["network", "disk"] },
      ["bootOrder[0] update", "bootOrder[1] add"],
      "in place",
      [],
    ],
    ["another description: in place", { description: "new" }, ["description add"], "in place", []],
    [
      "another image: another machine",
      { root: { ...inputs.root, base: "/b" } },
      ["root.base update-replace"],
      "replace",
      ["root"],
    ],
    [
      "another seed: kept for a machine that is yet to be",
      { seed: "/pool/other" },
      ["seed update"],
      "in place",
      [],
    ],
    [
      "another seed that is to take effect: another machine",
      { seed: "/o", newSeed: "replace" },
      ["seed update-replace"],
      "replace",
      ["seed"],
    ],
    [
      "another address: another machine",
      { nic: { ...first, mac: "m" } },
      ["nic.mac update-replace"],
      "replace",
      ["nic"],
    ],
    [
      "another key: another machine",
      { identity: { user: "other" } },
      ["identity.user add-replace"],
      "replace",
      ["identity"],
    ],
    [
      "something of one's own at the first boot: nothing",
      { identity: { firstBoot: true } },
      [],
      "nothing",
      [],
    ],
    [
      "a template that was made anew: nothing",
      { template: { path: "/t", disk: "/d", cpus: 1, memoryMiB: 1024 } },
      [],
      "nothing",
      [],
    ],
    ["another power state: in place", { power: "stopped" }, ["power update"], "in place", []],
    [
      "off, and larger when it starts: no restart",
      { power: "stopped", memoryMiB: 4096 },
      ["memoryMiB update", "power update"],
      "in place",
      [],
    ],
    [
      "another console: restart",
      { consoleLog: "/logs/new" },
      ["consoleLog update"],
      "restart",
      ["consoleLog"],
    ],
    [
      "another kernel: restart",
      { boot: { ...inputs.boot, kernel: "/k" } },
      ["boot.kernel update"],
      "restart",
      ["boot"],
    ],
    ["not with the hypervisor: in place", { autostart: false }, ["autostart update"], "in place", []],
    ["another way to start: nothing", { reason: "else", requireFork: true }, [], "nothing", []],
  ])("%s", (_, change, changes, kind, because) => {
    const found = effect(change);
    expect({ ...found, changes: found.changes.sort() }).toEqual({ changes: changes.sort(), kind, because });
  });

  test("a machine of which it is not known what it was started for restarts", () => {
    expect(effect({ memoryMiB: 2048 }, "running", { uuid }).kind).toBe("restart");
  });

  test("a paused machine restarts for what a running one takes over", () => {
    expect(effect({ memoryMiB: 2048 }, "paused").kind).toBe("restart");
  });

  test.each(["stopped", "paused", "absent"])("a machine that was found %s is to run again", (found) => {
    expect(effect({}, found)).toEqual({ changes: ["power update"], kind: "in place", because: [] });
  });

  test("a machine that is off restarts for nothing", () => {
    expect(effect({ memoryMiB: 4096, consoleLog: "/c" }, "stopped").kind).toBe("in place");
  });
});

describe("the check of a domain", () => {
  const said: string[] = [];
  const call: any = { log: (_: string, text: string) => said.push(text) };
  const mistakes = (change: object, old?: object) =>
    checkDomain({ ...inputs, ...change }, old as any, call).failures.map(({ property }) => property);

  test("says how a new machine starts, and nothing of one that is there", () => {
    said.length = 0;
    mistakes({});
    mistakes({ template: { path: "/t", disk: "/d", cpus: 1, memoryMiB: 1024 } });
    mistakes({}, inputs);
    expect(said).toEqual([
      "dev-web-1 starts by a cold boot: of a template",
      "dev-web-1 starts as a fork of a warm machine: of a template",
    ]);
  });

  test("a disk can't shrink", () => {
    expect(mistakes({ root: { ...inputs.root, size: 2 ** 30 } }, inputs)).toEqual(["root.size"]);
  });

  test("a machine runs unless it is told not to", () => {
    const { power: _, stopGrace: __, ...rest } = inputs;
    expect(checkDomain(rest, inputs, call).inputs).toMatchObject({ power: "running", stopGrace: "2m" });
  });

  test("a data disk can't shrink, change hands, or go without permission", () => {
    const old = { ...inputs, disks: { data: { size: 2 ** 30 }, logs: { size: 2 ** 30 } } };
    expect(
      mistakes({ disks: { data: { size: 2 ** 29 }, logs: { size: 2 ** 30, volume: "kept" } } }, old),
    ).toEqual(["disks.data.size", "disks.logs"]);
    expect(mistakes({ disks: { data: { size: 2 ** 31 } } }, old)).toEqual(["disks.logs"]);
    expect(mistakes({ disks: { data: { size: 2 ** 31 } }, discard: ["logs"] }, old)).toEqual([]);
  });

  test.each(["/", "data", "/etc", "/var", "/var/lib/docker", "/usr/", "/a b", "/data/../etc"])(
    "no disk is mounted at %s",
    (mount) => {
      expect(mistakes({ disks: { data: { size: 2 ** 30, mount } } })).toEqual(["disks.data.mount"]);
    },
  );

  test.each(["/data", "/srv/data", "/var/lib/postgresql", "/opt"])("a disk may be mounted at %s", (mount) => {
    expect(mistakes({ disks: { data: { size: 2 ** 30, mount } } })).toEqual([]);
  });

  test("disks and interfaces do not collide", () => {
    const data = { size: 2 ** 30, mount: "/data" };
    expect(mistakes({ disks: { one: data, two: data } })).toEqual(["disks.two.mount"]);
    const nic = { network: "n", mac: "52:54:00:ce:11:10", address: "10.0.0.5" };
    expect(mistakes({ interfaces: { two: nic, "no name": { network: "n", mac: "m" } } })).toEqual([
      "interfaces.two.mac",
      "interfaces.two.address",
      "interfaces.no name",
    ]);
  });

  test("room for more is not less than there is", () => {
    expect(mistakes({ maxCpus: 1, maxMemoryMiB: 512 })).toEqual(["maxCpus", "maxMemoryMiB"]);
  });

  test("lists every mistake", () => {
    const wrong = {
      description: "two\nlines",
      name: "a b",
      cpus: 0,
      memoryMiB: 1,
      power: "off",
      stopGrace: "2",
    };
    expect(mistakes(wrong)).toEqual(["name", "cpus", "memoryMiB", "description", "power", "stopGrace"]);
  });
});
