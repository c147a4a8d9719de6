import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultDaemon } from "../../components/dockerDaemon.js";
import { GuestAgent } from "../../providers/berth/domain/guestAgent.js";
import { rebootDomain } from "../../providers/berth/domain/rebootDomain.js";
import { keptDisk } from "../../providers/berth/keptDisk.js";
import { sshKey } from "../../providers/berth/sshKey.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import { Machines, type Made, pluginCall } from "../support/machines.js";
import { typeScriptArguments } from "../support/typeScriptProcess.js";

/** Machines that are changed while they run, and what is on them stays. Each test builds on those before it. */
let machines: Machines;
let template: Awaited<ReturnType<Machines["template"]>>;
/** A fork, as most machines are. */
let two: Made;
/** One with room for more processors and memory. */
let one: Made;

beforeAll(async () => {
  machines = await Machines.start();
  template = await machines.template();
  two = await machines.make(await machines.inputs("two", template.state));
  await keep("two");
}, 1_200_000);
afterAll(() => machines.stop(), 60_000);

const boot = (name: string) => machines.inGuest(name, "cat /proc/sys/kernel/random/boot_id");
const keep = (name: string) => machines.inGuest(name, "echo kept >/root/kept; sync");
const kept = (name: string) => machines.inGuest(name, "cat /root/kept");

test("a disk is added, grown, mounted elsewhere and removed in the running machine", async () => {
  const before = await boot("two");
  const mib = 2 ** 20;
  const sizeOf = async (path: string) =>
    Number(await machines.inGuest("two", `df --output=size -B1 ${path} | tail -1`)) / mib;
  await machines.change(two, { disks: { data: { size: 64 * mib, mount: "/data" }, raw: { size: mib } } });
  expect(two.state.dataVolumes).toEqual(["two-data.qcow2", "two-raw.qcow2"]);
  await machines.inGuest("two", "echo kept >/data/kept; sync");
  await machines.change(two, { disks: { ...two.inputs.disks, data: { size: 256 * mib, mount: "/data" } } });
  expect(await sizeOf("/data")).toBeGreaterThan(200);
  await machines.change(two, {
    disks: { ...two.inputs.disks, data: { size: 256 * mib, mount: "/srv/data" } },
  });
  expect(await machines.inGuest("two", "cat /srv/data/kept; ls /data; grep -c x-berth /etc/fstab")).toBe(
    "kept\n1",
  );

  // One in use stays, and so does all else.
  await machines.inGuest("two", "systemd-run --unit=user -p WorkingDirectory=/srv/data sleep infinity");
  const without = { disks: { raw: { size: mib } }, discard: ["data"] };
  await expect(machines.change(two, without)).rejects.toThrow(/a disk that is to be taken away is in use/);
  expect(await machines.inGuest("two", "cat /srv/data/kept")).toBe("kept");
  await machines.inGuest("two", "systemctl stop user");
  await machines.change(two, without);
  expect(await machines.inGuest("two", "findmnt /srv/data || grep -c x-berth /etc/fstab || true")).toBe("0");
  expect(await machines.virsh("vol-list", "--pool", "machines")).not.toContain("two-data.qcow2");

  // Somebody else's volume of the name that a disk would have.
  await machines.virsh("vol-create-as", "machines", "two-logs.qcow2", "3MiB");
  await expect(machines.change(two, { disks: { ...two.inputs.disks, logs: { size: mib } } })).rejects.toThrow(
    /a volume "two-logs.qcow2" is in pool "machines".*never deleted/,
  );
  await machines.virsh("vol-delete", "--pool", "machines", "two-logs.qcow2");
  await machines.change(two, { disks: { ...two.inputs.disks, logs: { size: 32 * mib, mount: "/logs" } } });
  await machines.inGuest("two", "echo kept >/logs/kept; sync");
  expect([await kept("two"), await boot("two")]).toEqual(["kept", before]);
});

test("an interface is added, gets another address, and goes, in the running machine", async () => {
  const before = await boot("two");
  const second = { network: "machines", mac: "52:54:00:aa:bb:01", address: "192.168.150.201/24" };
  await machines.change(two, { interfaces: { second } });
  await machines.greets("192.168.150.201");
  await machines.change(two, { interfaces: { second: { ...second, address: "192.168.150.202/24" } } });
  await machines.greets("192.168.150.202");
  const addresses = await machines.inGuest("two", "ip -o -4 address");
  expect(addresses).toContain(` ${two.address}/24 `);
  expect(addresses).not.toContain("192.168.150.201");
  await machines.change(two, { interfaces: {} });
  expect(await machines.inGuest("two", "ip -o link | grep -c aa:bb:01 || true")).toBe("0");
  expect(await machines.virsh("dumpxml", "two")).not.toContain("aa:bb:01");
  await machines.greets(two.address);
  expect([await kept("two"), await boot("two")]).toEqual(["kept", before]);
});

/** Makes an engine in a machine, from within the lab's network, and gives what went wrong. */
async function engineTrouble(made: Made, connection: object, bootTimeout = "2m"): Promise<string> {
  const { inputs, state, address } = made;
  const { hostKey, user } = inputs.identity;
  const given = {
    connection: {
      host: address,
      user,
      privateKey: hostKey.privateKey,
      hostKey: hostKey.publicKey,
      domain: { uri: inputs.uri, uuid: state.uuid, pool: state.pool, volume: state.volume },
      ...connection,
    },
    machine: state.uuid,
    daemon: defaultDaemon,
    certificates: {},
    package: "docker.io",
    bootTimeout,
  };
  const script = fileURLToPath(new URL("../support/createEngine.ts", import.meta.url));
  const command = [`--net=${machines.lab.netns}`, process.execPath, ...typeScriptArguments(script)];
  const { stdout, stderr } = spawnSync("nsenter", command, {
    input: JSON.stringify(given),
    encoding: "utf8",
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) || JSON.stringify({ error: stderr })).error ?? "";
}

test("each layer on the way to Docker has its limit, and one that fails shows the line that says why", async () => {
  expect(await engineTrouble(two, {})).toBe("");

  const nowhere = await engineTrouble(two, { host: "192.168.150.250" }, "5s");
  expect(nowhere).toMatch(/^machine 192\.168\.150\.250: nothing answers at its address within 5s\./);
  expect(nowhere).toMatch(
    new RegExp(`The guest itself says:\n[\\s\\S]*eth0.* ${two.address.replaceAll(".", "\\.")}/24`),
  );

  const { state: key } = await sshKey.create({}, pluginCall("urn:key"));
  expect(await engineTrouble(two, { hostKey: key.publicKey })).toMatch(
    /host key is not the pinned one\. Expected SHA256:/,
  );

  const config = "/etc/ssh/sshd_config.d/broken.conf";
  await machines.inGuest("two", `echo Nonsense yes >${config}; systemctl restart ssh || true`);
  expect(await engineTrouble(two, {}, "5s")).toMatch(
    /answers at its address and did not let us in over SSH within 5s.*Bad configuration option: Nonsense/s,
  );
  await machines.inGuest("two", `rm ${config}; systemctl reset-failed ssh; systemctl restart ssh`);

  // A first boot that has begun and does not end.
  await machines.inGuest(
    "two",
    "mkdir -p /run/cloud-init && touch /run/cloud-init/enabled; echo 'Failed to run module broken' >>/var/log/cloud-init.log",
  );
  expect(await engineTrouble(two, {}, "20s")).toMatch(
    /its first boot had not finished after 20s\..*cloud-init's own words:.*Failed to run module broken/s,
  );
  await machines.inGuest("two", "rm -r /run/cloud-init /var/log/cloud-init.log");

  const dropIn = "/run/systemd/system/docker.service.d";
  await machines.inGuest(
    "two",
    `mkdir -p ${dropIn}; printf "[Service]\\nExecStartPre=/bin/sh -c 'echo no room left for images; exit 1'\\n" >${dropIn}/broken.conf
    systemctl daemon-reload; systemctl stop docker.socket docker`,
  );
  expect(await engineTrouble(two, {})).toMatch(
    /Docker does not start\. Its last words:.*no room left for images/s,
  );
  await machines.inGuest(
    "two",
    `rm -r ${dropIn}; systemctl daemon-reload; systemctl reset-failed docker; systemctl start docker`,
  );
});

test("description, boot order and a seed that is not to take effect: in place", async () => {
  const before = await boot("two");
  const given = two.inputs.seed;
  const seed = join(machines.folder, "another-seed");
  await machines.change(two, { description: "Tom's <own>", bootOrder: ["network", "disk"], seed });
  expect(await machines.virsh("desc", "two")).toBe("Tom's <own>");
  const next = await machines.virsh("dumpxml", "--inactive", "two");
  expect(next).toContain(seed);
  await machines.change(two, { seed: given!, bootOrder: ["disk"] });
  expect([await kept("two"), await boot("two")]).toEqual(["kept", before]);
});

test("less memory, and as much as before again: in place", async () => {
  const before = await boot("two");
  const total = async () =>
    Number(await machines.inGuest("two", "awk '/MemTotal/ { print $2 }' /proc/meminfo"));
  const had = await total();
  await machines.change(two, { memoryMiB: 768 });
  expect(had - (await total())).toBeGreaterThan(200_000);
  await machines.change(two, { memoryMiB: 1024 });
  expect(Math.abs(had - (await total()))).toBeLessThan(20_000);
  expect([await kept("two"), await boot("two")]).toEqual(["kept", before]);
});

test("memory and processors within what a machine was started for: in place", async () => {
  const shape = { cpus: 2, maxCpus: 4, memoryMiB: 1280, maxMemoryMiB: 2560 };
  const { state: roomy } = await machines.template({ name: "roomy", maxCpus: 4, maxMemoryMiB: 2560 });
  one = await machines.make({ ...(await machines.inputs("one", roomy)), ...shape });
  expect(one.state.started).toBe("fork");
  await keep("one");
  const before = await boot("one");
  expect(one.state.ceiling).toEqual({ cpus: 4, memoryMiB: 2560 });
  const look = async () => {
    const words = await machines.inGuest("one", "nproc; awk '/MemTotal/ { print $2 }' /proc/meminfo");
    const [cpus, memory] = words.split("\n").map(Number);
    return { cpus: cpus!, memory: memory! };
  };
  const had = await look();
  await machines.change(one, { memoryMiB: 1536, cpus: 3 });
  const has = await look();
  expect(has.cpus).toBe(3);
  expect(has.memory - had.memory).toBeGreaterThan(250_000);
  await machines.change(one, { cpus: 1 });
  expect((await look()).cpus).toBe(1);
  await machines.refresh(one);
  expect(one.inputs).toMatchObject({ cpus: 1, memoryMiB: 1536 });
  expect([await kept("one"), await boot("one")]).toEqual(["kept", before]);
  await machines.greets(one.address);

  // Less, and at a start more again: what it was forked from stays behind.
  await machines.change(one, { memoryMiB: 1280 });
  await machines.change(one, { power: "stopped" });
  await machines.change(one, { power: "running", cpus: 3, memoryMiB: 1536 });
  const again = await look();
  expect(again.cpus).toBe(3);
  expect(again.memory).toBeGreaterThan(1.35e6);
  expect(await kept("one")).toBe("kept");
});

test("what was mounted and addressed is so after a restart, and a machine that has no room restarts for more", async () => {
  const second = { network: "machines", mac: "52:54:00:aa:bb:01", address: "192.168.150.201/24" };
  await machines.change(two, { interfaces: { second } });
  const before = await boot("two");
  const said = await machines.change(two, { memoryMiB: 1280, cpus: 2 });
  expect(said).toContain("two shut itself down, asked by its guest agent");
  expect(await boot("two")).not.toBe(before);
  expect(await machines.inGuest("two", "nproc; cat /root/kept /logs/kept")).toBe("2\nkept\nkept");
  await machines.greets("192.168.150.201");
});

test("a kept disk outlives its machine, and the others go with it", async () => {
  await machines.remove(two);
  expect(await machines.virsh("vol-list", "--pool", "machines")).not.toMatch(/two-(logs|raw)/);
  const call = pluginCall("urn:kept");
  const given = { uri: machines.lab.libvirtUri, pool: "machines", name: "two-kept", size: 64 * 2 ** 20 };
  const { id, state } = await keptDisk.create(given, call);
  // As after a creation that was killed when the volume was there.
  expect((await keptDisk.create(given, call)).id).toBe(id);
  const disks = { kept: { size: 64 * 2 ** 20, mount: "/kept", volume: state.volume } };
  const first = await machines.make({ ...(await machines.inputs("two", template.state)), disks });
  await machines.inGuest("two", "echo kept >/kept/kept; sync");
  await machines.remove(first);
  const second = await machines.make({ ...(await machines.inputs("two", template.state)), disks });
  expect(await machines.inGuest("two", "cat /kept/kept")).toBe("kept");
  await machines.change(second, { disks: { kept: { ...disks.kept, size: 128 * 2 ** 20 } } });
  expect(await machines.inGuest("two", "df --output=size -BM /kept | tail -1; cat /kept/kept")).toMatch(
    /^\s*1\d\dM\nkept$/,
  );
  await machines.remove(second);
  await keptDisk.delete(id, state, call);
  expect(await keptDisk.read!(id, state, given, call)).toBeUndefined();
});

test("a machine that is told to reboot while it is still on its way up does so once it can", async () => {
  const { requireFork: _, template: __, ...inputs } = await machines.inputs("early", template.state);
  const early = await machines.make({ ...inputs, requireFork: false });
  await Libvirt.with(machines.lab.libvirtUri, AbortSignal.timeout(300_000), async (libvirt) => {
    const call = pluginCall("urn:early", AbortSignal.timeout(300_000));
    const agent = new GuestAgent(libvirt, "early", call.signal);
    await agent.ready(120_000);
    const first = await boot("early");
    await rebootDomain(libvirt, "early", call);
    expect(await boot("early")).not.toBe(first);
  });
  await machines.greets(early.address);
  await machines.greets(early.address6);
  await machines.remove(early);
});
