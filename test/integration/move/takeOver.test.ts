import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { checkTarget } from "../../../cli/move/checkTarget.js";
import { describeThere, inputsThere } from "../../../cli/move/targetDomain.js";
import { withDefaults } from "../../../providers/berth/domain/checkDomain.js";
import { makeRootDisk } from "../../../providers/berth/domain/rootDisk.js";
import type { DomainInputs } from "../../../providers/berth/domain/types.js";
import { domain } from "../../../providers/berth/domain.js";
import { keptDisk } from "../../../providers/berth/keptDisk.js";
import { Libvirt } from "../../../providers/virsh/libvirt.js";
import { type Made, pluginCall } from "../../support/machines.js";
import { TestLibvirtd } from "../../support/testLibvirtd.js";

const mib = 2 ** 20;
const urn = "urn::moved";

/** Two hypervisors without a QEMU, on which machines are off. */
let near: TestLibvirtd;
let far: TestLibvirtd;
let folder: string;
let made: Made;
let here: DomainInputs;
let there: DomainInputs;

beforeAll(async () => {
  near = await TestLibvirtd.start();
  far = await TestLibvirtd.start();
  folder = await mkdtemp(join(tmpdir(), "berth-take-over-"));
}, 120_000);
afterAll(async () => {
  await far?.stop();
  await near?.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  const name = `moved-${randomUUID().slice(0, 8)}`;
  here = withDefaults({
    uri: near.uri,
    name,
    // The driver's own.
    type: "test" as "qemu",
    machine: "pc",
    cpus: 1,
    memoryMiB: 512,
    root: { pool: "default-pool", name: `${name}.qcow2`, base: "/base.qcow2", size: 64 * mib },
    seed: "/seed",
    nic: { network: "default", mac: "52:54:00:00:00:01" },
    consoleLog: "/tmp/moved.log",
    autostart: false,
    power: "stopped",
    reason: "of a test",
    requireFork: false,
    identity: { address: "10.0.0.9/24" } as DomainInputs["identity"],
  });
  const { id, state } = await domain.create(here, pluginCall(urn));
  made = { id, state, inputs: here, address: "", address6: "" };
  there = { ...here, uri: far.uri, root: { ...here.root, base: "/other-base.qcow2" }, seed: "/other-seed" };
});

const place = () => ({
  uri: far.uri,
  name: "far",
  pool: "default-pool",
  network: "default",
  type: here.type,
  consoleLogs: "/tmp",
});
/** What `berth move` makes at the target, or has begun to make. */
const bring = (whole: boolean) =>
  Libvirt.with(near.uri, AbortSignal.timeout(60_000), (from) =>
    Libvirt.with(far.uri, AbortSignal.timeout(60_000), async (to) => {
      const xml = await from.run(["dumpxml", "--inactive", made.id]);
      const inputs = await inputsThere(to, here, place());
      const text = await describeThere(to, inputs, { uuid: made.id, xml, whole });
      await to.run(["define", await to.file("domain.xml", text)]);
      await makeRootDisk(to, inputs.root, "/base.qcow2");
    }),
  );
const check = () =>
  Libvirt.with(near.uri, AbortSignal.timeout(60_000), (from) =>
    Libvirt.with(far.uri, AbortSignal.timeout(60_000), async (to) => {
      const xml = await from.run(["dumpxml", "--inactive", made.id]);
      return checkTarget(from, to, { domain: made.id, xml, inputs: here, place: place() });
    }),
  );
const diff = async (inputs = there, call = pluginCall(urn)) => {
  const request = { id: made.id, state: made.state, oldInputs: here, inputs, ignoreChanges: [] };
  const { changes } = await domain.diff!(request, call);
  return {
    kinds: [...new Set(changes.map(({ kind }) => kind))],
    paths: changes.map(({ path }) => path),
    call,
  };
};
const has = async (libvirtd: TestLibvirtd) => {
  const all = `${await libvirtd.virsh("list --all --name")}\n${await libvirtd.virsh("vol-list default-pool")}`;
  return all.split(/\s+/).filter((word) => word === here.name || word === here.root.name);
};

test("another hypervisor makes the machine anew, and the preview names what keeps its disks", async () => {
  const { kinds, call } = await diff();
  expect(kinds).toContain("update-replace");
  expect(call.said.join("\n")).toContain('"berth move moved HYPERVISOR" brings what is on it along');
});

test("a machine that was brought there is taken over; where it was it stays until the state knows", async () => {
  await bring(true);
  const { kinds, paths } = await diff();
  expect(kinds).toEqual(["update"]);
  expect(paths.sort()).toEqual(["root.base", "seed", "uri"]);
  const state = await domain.update!(
    { id: made.id, state: made.state, oldInputs: here, inputs: there },
    pluginCall(urn),
  );
  expect(state).toMatchObject({ uuid: made.id, uri: far.uri, volume: here.root.name, power: "stopped" });
  expect(await has(near)).toEqual([here.name, here.root.name]);
  expect(await has(far)).toEqual([here.name, here.root.name]);
  // Described as an update of a machine that was always there would.
  expect(await far.virsh(`dumpxml ${made.id}`)).toContain("/other-seed");
  const live = await domain.read!(made.id, state, there, pluginCall(urn));
  expect(live).toMatchObject({ id: made.id, state, inputs: there });
  await domain.delete(made.id, state, pluginCall(urn));
});

test("one that has come and is not known yet is not removed by a creation; one that was on its way is", async () => {
  await bring(true);
  await expect(domain.create(there, pluginCall(urn))).rejects.toThrow(
    `"berth move" has brought a domain "${here.name}" to`,
  );
  expect(await has(far)).toEqual([here.name, here.root.name]);
  await far.virsh(`undefine ${made.id}`);
  await far.virsh(`vol-delete ${here.root.name} --pool default-pool`);
  await bring(false);
  const { id, state } = await domain.create({ ...there, seed: "/seed" }, pluginCall(urn));
  expect(id).not.toBe(made.id);
  await domain.delete(id, state, pluginCall(urn));
});

test("what else changes in the same update is what it always is", async () => {
  await bring(true);
  expect((await diff({ ...there, memoryMiB: 600 })).kinds).toEqual(["update"]);
  expect((await diff({ ...there, nic: { ...there.nic, mac: "52:54:00:00:00:02" } })).kinds).toContain(
    "update-replace",
  );
});

test("one that is not whole is not taken over, nor another resource's, nor one that still runs where it was", async () => {
  await bring(false);
  expect((await diff()).kinds).toContain("update-replace");
  await far.virsh(`vol-delete ${here.root.name} --pool default-pool`);
  await bring(true);
  expect((await diff(there, pluginCall("urn:other"))).kinds).toContain("update-replace");
  await near.virsh(`start ${made.id}`);
  expect((await diff()).kinds).toContain("update-replace");
  const request = { id: made.id, state: made.state, oldInputs: here, inputs: there };
  await expect(domain.update!(request, pluginCall(urn))).rejects.toThrow("or runs where it was");
  await near.virsh(`destroy ${made.id}`);
  expect((await diff()).kinds).toEqual(["update"]);
});

test("a name or a volume that is another's, and too little room, are refused before anything is touched", async () => {
  expect(await check()).toBe("nothing");
  await far.virsh(`vol-create-as default-pool ${here.root.name} 1MiB`);
  await expect(check()).rejects.toThrow(`a volume "${here.root.name}" is in pool "default-pool" on "far"`);
  await far.virsh(`vol-delete ${here.root.name} --pool default-pool`);
  await bring(false);
  expect(await check()).toBe("remains");
  await far.virsh(`undefine ${made.id}`);
  await far.virsh(`vol-delete ${here.root.name} --pool default-pool`);
  const other = { ...there, seed: "/seed" };
  const { id, state } = await domain.create(other, pluginCall("urn:somebody"));
  await expect(check()).rejects.toThrow(
    `a domain "${here.name}" is on "far" already, and is another machine`,
  );
  await domain.delete(id, state, pluginCall("urn:somebody"));
  expect(await check()).toBe("nothing");
  const free = /Available:\s+(\d+)/.exec(await far.virsh("pool-info --bytes default-pool"))![1]!;
  await far.virsh(`vol-create-as default-pool filler ${free}B`);
  await expect(check()).rejects.toThrow(
    'pool "default-pool" on "far" has 0 MiB free, and the move takes up to',
  );
  await far.virsh("vol-delete filler --pool default-pool");
});

test("a kept disk that came along is the resource's own; one that did not is made anew", async () => {
  const inputs = { uri: near.uri, pool: "default-pool", name: here.name, size: 2 * mib };
  const disk = await keptDisk.create(inputs, pluginCall(urn));
  const moved = { ...inputs, uri: far.uri };
  const request = { id: disk.id, state: disk.state, oldInputs: inputs, inputs: moved };
  const kinds = async () => {
    const { changes } = await keptDisk.diff!({ ...request, ignoreChanges: [] }, pluginCall(urn));
    return changes.map(({ path, kind }) => `${path} ${kind}`);
  };
  expect(await kinds()).toEqual(["uri update-replace"]);
  await far.virsh(`vol-create-as default-pool ${disk.state.volume} 2MiB`);
  expect(await kinds()).toEqual(["uri update"]);
  const state = await keptDisk.update!(request, pluginCall(urn));
  expect(state).toEqual({ ...disk.state, uri: far.uri });
  await keptDisk.delete(disk.id, state, pluginCall(urn));
});
