import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { domain } from "../../../providers/berth/domain.js";
import { machineSnapshot } from "../../../providers/berth/machineSnapshot.js";
import type { SnapshotInputs, SnapshotState } from "../../../providers/berth/snapshot/types.js";
import { identityOf } from "../../support/identity.js";
import { type Machines, type Made, pluginCall } from "../../support/machines.js";
import { startBox, startForks } from "../../support/startForks.js";

// Two emulated machines boot at once, more than once.
vi.setConfig({ testTimeout: 400_000 });

/** Two machines on one lab; each test builds on those before it. */
let machines: Machines;
let one: Made;
let two: Made;

beforeAll(async () => {
  [machines, one, two] = await startForks("one", "two");
}, 600_000);
afterAll(() => machines?.stop(), 300_000);

const refs = (...made: Made[]) =>
  made.map(({ id, inputs }) => ({ uri: inputs.uri, domain: id, name: inputs.name }));
const take = async (name: string, made: Made[], memory = false) => {
  const inputs: SnapshotInputs = { name, description: "of a test", memory, machines: refs(...made) };
  const call = pluginCall(`urn:snapshot:${name}`);
  const { id, state } = await machineSnapshot.create(inputs, call);
  return { id, state, inputs, said: call.said.join("\n") };
};
const back = async (taken: { id: string; state: SnapshotState; inputs: SnapshotInputs }, revert: string) => {
  const call = pluginCall(`urn:snapshot:${taken.id}`);
  const inputs = { ...taken.inputs, revert };
  const state = await machineSnapshot.update!({ ...taken, oldInputs: taken.inputs, inputs }, call);
  return { state, said: call.said.join("\n") };
};
const read = (taken: { id: string; state: SnapshotState; inputs: SnapshotInputs }) =>
  machineSnapshot.read!(taken.id, taken.state, taken.inputs, pluginCall("urn:snapshot"));
const boot = (name: string) => machines.inGuest(name, "cat /proc/sys/kernel/random/boot_id");
const write = (name: string, text: string) => machines.inGuest(name, `echo ${text} >/root/word; sync`);
const word = (name: string) => machines.inGuest(name, "cat /root/word");

test("of two running machines at one point in time: frozen, and both go on", async () => {
  await Promise.all([write("one", "before"), write("two", "before")]);
  await startBox(machines, "one");
  const before = await boot("one");
  const taken = await take("first", [one, two]);
  expect(taken.state.consistency).toEqual({ one: "frozen", two: "frozen" });
  expect(await read(taken)).toMatchObject({ id: "first" });
  for (const name of ["one", "two"]) {
    expect(await machines.virsh("domstate", name)).toBe("running");
    expect(await machines.virsh("qemu-agent-command", name, '{"execute":"guest-fsfreeze-status"}')).toContain(
      "thawed",
    );
  }
  expect(await boot("one")).toBe(before);
  await expect(take("first", [one])).rejects.toThrow(/one has a snapshot "first" already/);

  // What came after is gone, what was there is back, and each is still itself.
  const identity = await identityOf(machines, one);
  await Promise.all([write("one", "after"), write("two", "after")]);
  await machines.inGuest(
    "one",
    "docker rm --force kept; docker run -d --name later box /bin/busybox sleep 1000",
  );
  const { state, said } = await back(taken, "a word");
  expect(said).not.toContain("nothing says that it is up");
  expect(state.takenBack).toBe("a word");
  expect([await word("one"), await word("two")]).toEqual(["before", "before"]);
  expect(await machines.inGuest("one", "docker ps --format '{{.Names}}'")).toBe("kept");
  const { hostname, systemUuid, machineId, hostKey, dockerId, clockSkew } = await identityOf(machines, one);
  expect({ hostname, systemUuid, machineId, hostKey, dockerId }).toEqual({
    hostname: identity.hostname,
    systemUuid: identity.systemUuid,
    machineId: identity.machineId,
    hostKey: identity.hostKey,
    dockerId: identity.dockerId,
  });
  expect(Math.abs(clockSkew)).toBeLessThan(5);
  await machines.greets(one.address);

  // The state and the machine agree.
  const live = await domain.read!(one.id, one.state, one.inputs, pluginCall("urn:one"));
  expect(live).toMatchObject({ inputs: one.inputs, state: one.state });

  await machineSnapshot.delete("first", taken.state, pluginCall("urn:snapshot:first"));
  expect(await machines.virsh("snapshot-list", "one", "--name")).toBe("");
  expect(await read(taken)).toBeUndefined();
});

test("with its memory: it goes on where it was, with the right time", async () => {
  await machines.inGuest("one", "nohup sh -c 'echo $$ >/run/mine; exec sleep 100000' >/dev/null 2>&1 &");
  const [before, process] = [await boot("one"), await machines.inGuest("one", "cat /run/mine")];
  const taken = await take("warm", [one], true);
  expect(taken.state.consistency).toEqual({ one: "memory" });
  await machines.inGuest("one", `kill ${process}; echo after >/root/word`);
  const { said } = await back(taken, "once");
  expect(said).not.toContain("nothing says that it is up");
  expect(await boot("one")).toBe(before);
  expect(await machines.inGuest("one", `cat /proc/${process}/comm`)).toBe("sleep");
  expect(await word("one")).toBe("before");
  expect(Math.abs((await identityOf(machines, one)).clockSkew)).toBeLessThan(5);
  expect(await machines.virsh("domstate", "one")).toBe("running");
});

test("of one that is off and one whose agent is silent; a memory that was changed since stays changed", async () => {
  await machines.change(two, { power: "stopped" });
  await machines.inGuest("one", "systemd-run --no-block sh -c 'sleep 1; systemctl stop qemu-guest-agent'");
  await expect
    .poll(() => machines.virsh("dumpxml", "one"), { timeout: 60_000, interval: 200 })
    .toContain("state='disconnected'");
  const taken = await take("mixed", [one, two]);
  expect(taken.state.consistency).toEqual({ one: "crash", two: "off" });
  expect(taken.said).toContain("one: its file systems could not be frozen");
  await machines.change(two, { memoryMiB: 1152, power: "running" });
  await write("two", "after");
  await back(taken, "again");
  expect(await word("two")).toBe("before");
  expect(await machines.inGuest("two", "awk '/MemTotal/ { print ($2 > 1050000) }' /proc/meminfo")).toBe("1");
  const live = await domain.read!(two.id, two.state, two.inputs, pluginCall("urn:two"));
  expect(live).toMatchObject({ inputs: two.inputs, state: two.state });
  expect(await word("one")).toBe("before");
});

test("where one machine can't be caught, none is, and none stays frozen", async () => {
  const gone = { uri: one.inputs.uri, domain: "00000000-0000-4000-8000-000000000000", name: "gone" };
  const inputs = { name: "half", description: "", memory: false, machines: [...refs(two), gone] };
  await expect(machineSnapshot.create(inputs, pluginCall("urn:half"))).rejects.toThrow(/gone is not there/);
  expect(await machines.virsh("snapshot-list", "two", "--name")).toBe("mixed");
  const missing = { name: "nowhere", machines: refs(two), taken: "", consistency: {}, takenBack: "" };
  const asked = { ...inputs, name: "nowhere", machines: refs(two), revert: "x" };
  await write("two", "untouched");
  await expect(
    machineSnapshot.update!(
      { id: "nowhere", state: missing, oldInputs: asked, inputs: asked },
      pluginCall("urn"),
    ),
  ).rejects.toThrow(/two has no snapshot "nowhere"; it has: mixed. No machine was touched/);
  expect(await word("two")).toBe("untouched");
});

test("a machine goes with its snapshots", async () => {
  await machines.remove(two);
  expect(await machines.virsh("vol-list", "--pool", "machines")).not.toContain("two.qcow2");
});
