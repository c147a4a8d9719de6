import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDomain } from "../../../providers/berth/domain/readDomain.js";
import { sshKey } from "../../../providers/berth/sshKey.js";
import { connectSsh, machineOff } from "../../../providers/connection/index.js";
import { presenceOf } from "../../../providers/virsh/presenceOf.js";
import { pluginCall } from "../../support/machines.js";

/** libvirt's own driver for tests, with machines in each state: a hypervisor in virsh's memory. */
let folder = "";
let uri = "";
const uuids = {
  on: "00000000-0000-4000-8000-000000000001",
  paused: "00000000-0000-4000-8000-000000000002",
  off: "00000000-0000-4000-8000-000000000003",
  anew: "00000000-0000-4000-8000-000000000004",
  foreign: "00000000-0000-4000-8000-000000000005",
};
const absent = "00000000-0000-4000-8000-00000000ffff";
const runstates = { on: 1, paused: 3, off: 5, anew: 5, foreign: 5 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-presence-"));
  const domains = Object.entries(runstates).map(([name, state]) => {
    const disk = name === "foreign" ? "/elsewhere/foreign.qcow2" : `/machines/${name}.qcow2`;
    return `<domain type="test" xmlns:test="http://libvirt.org/schemas/domain/test/1.0"><name>${name}</name>
      <uuid>${uuids[name as keyof typeof uuids]}</uuid><memory>1048576</memory><vcpu>2</vcpu><os><type>hvm</type></os>
      <devices><disk type="file" device="disk"><source file="${disk}"/><target dev="vda"/></disk></devices>
      <test:runstate>${state}</test:runstate></domain>`;
  });
  const volumes = [...Object.keys(runstates), "undefined"].map(
    (name) =>
      `<volume type="file"><name>${name}.qcow2</name><capacity>1073741824</capacity><target><path>/machines/${name}.qcow2</path></target></volume>`,
  );
  const pool = `<pool type="dir"><name>machines</name><target><path>/machines</path></target>${volumes.join("")}</pool>`;
  const file = join(folder, "node.xml");
  await writeFile(file, `<node>${domains.join("")}${pool}</node>`);
  uri = `test://${file}`;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ref = (name: string, uuid: string) => ({ uri, uuid, pool: "machines", volume: `${name}.qcow2` });
const found = async (name: string, uuid: string) =>
  (await presenceOf(ref(name, uuid), AbortSignal.timeout(20_000))).is;

test("a machine can answer where it runs; where it does not, its disk tells one that is off from one that is gone", async () => {
  expect(await found("on", uuids.on)).toBe("on");
  expect(await found("paused", uuids.paused)).toBe("off");
  expect(await found("off", uuids.off)).toBe("off");
  expect(await found("undefined", absent)).toBe("off");
  expect(await found("nothing", absent)).toBe("gone");
});

test("a machine that can't be reached is off or gone by libvirt's word only", async () => {
  const { state: key } = await sshKey.create({}, pluginCall("urn:key"));
  const reach = async (domain: object) => {
    const target = { host: "127.0.0.1", port: 1, user: "berth", privateKey: key.privateKey };
    const ssh = connectSsh({ ...target, hostKeys: [key.publicKey], ...domain });
    try {
      return await ssh.exec("true", { signal: AbortSignal.timeout(20_000) });
    } catch (error) {
      return machineOff(error);
    } finally {
      ssh.close();
    }
  };
  expect(await reach({ domain: ref("off", uuids.off) })).toBe("off");
  expect(await reach({ domain: ref("nothing", absent) })).toBe("gone");
  expect(await reach({ domain: ref("on", uuids.on) })).toBeUndefined();
  expect(await reach({ domain: { ...ref("off", uuids.off), uri: "test:///nonexistent" } })).toBeUndefined();
  expect(await reach({})).toBeUndefined();
});

test("a refresh finds a machine's power, and one that somebody else made in its place", async () => {
  const read = (name: string, id: string, as = name) => {
    const root = { pool: "machines", name: `${as}.qcow2`, base: "/base", size: 2 ** 30 };
    const inputs: any = { uri, name, root, cpus: 1, memoryMiB: 512, disks: {}, identity: {} };
    const state: any = { uuid: id, disk: `/machines/${as}.qcow2`, pool: "machines", volume: `${as}.qcow2` };
    return readDomain(id, state, inputs, pluginCall(`urn:${name}`));
  };
  expect(await read("off", uuids.off)).toMatchObject({
    state: { power: "stopped" },
    inputs: { power: "stopped", cpus: 2, memoryMiB: 1024 },
  });
  expect(await read("undefined", absent)).toMatchObject({ id: absent, state: { power: "absent" } });
  expect(await read("nothing", absent)).toBeUndefined();
  expect(await read("anew", absent)).toMatchObject({ id: uuids.anew, state: { uuid: uuids.anew } });
  await expect(read("foreign", absent)).rejects.toThrow(
    /another program's has its name.*virsh undefine foreign/,
  );
});
