import { spawn, spawnSync } from "node:child_process";
import { open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { growScript } from "../../../providers/berth/domain/growRoot.js";
import { makingVolume } from "../../../providers/berth/domain/ownership.js";
import { rebootDomain } from "../../../providers/berth/domain/rebootDomain.js";
import { domain } from "../../../providers/berth/domain.js";
import { savedDomain } from "../../../providers/berth/savedDomain.js";
import { openTemplate } from "../../../providers/berth/template/templateStore.js";
import { connectSsh, type SshError } from "../../../providers/connection/index.js";
import { Libvirt } from "../../../providers/virsh/libvirt.js";
import { unreachable } from "../../../providers/virsh/virsh.js";
import { identityOf, ownToEach, traces } from "../../support/identity.js";
import { Machines, type Made, pluginCall } from "../../support/machines.js";
import { holdMachineId } from "../../support/registerHolder.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

const creator = new URL("../../support/createDomain.ts", import.meta.url);

/** Machines made by the plugin itself, all on one template and one lab. Each test builds on those before it. */
let machines: Machines;
let template: Awaited<ReturnType<Machines["template"]>>;
let one: Made;
let two: Made;

beforeAll(async () => {
  machines = await Machines.start();
  template = await machines.template();
}, 600_000);
afterAll(() => machines.stop(), 60_000);

test("whoever may not use libvirt is told so, and what to do", async () => {
  const { stderr } = spawnSync("virsh", ["-q", "-c", machines.lab.libvirtUri, "uri"], {
    uid: 65534,
    gid: 65534,
    encoding: "utf8",
  });
  expect(unreachable(machines.lab.libvirtUri, stderr).message).toMatch(
    /cannot be reached: .*[Pp]ermission denied.*has no rights there: add it to the group "libvirt"/,
  );
});

test("a template that is whole is not made again", async () => {
  const again = await machines.template();
  expect(again.state).toEqual(template.state);
  expect(template.state.dockerVersion).toMatch(/^\d+\.\d+/);
  const live = await savedDomain.read!(
    "template",
    template.state,
    template.inputs,
    pluginCall("urn:template:template"),
  );
  expect(live!.state).toEqual(template.state);
  expect(await machines.virsh("list", "--all", "--name")).toBe("");
});

const greets = (address: string) => machines.greets(address);

test("forks start from it, reachable under their own addresses and with their own host keys", async () => {
  const [first, second] = [
    await machines.inputs("one", template.state),
    await machines.inputs("two", template.state),
  ];
  const inputs = [first, { ...second, root: { ...second.root, size: 6 * 2 ** 30 } }];
  [one, two] = (await Promise.all(inputs.map((each) => machines.make(each)))) as [Made, Made];
  expect([one.state.started, two.state.started]).toEqual(["fork", "fork"]);
  await Promise.all([one, two].flatMap((made) => [made.address, made.address6].map(greets)));
});

test("nothing of their identity is shared, with each other or with the template", async () => {
  const identities = await Promise.all([one, two].map((made) => identityOf(machines, made)));
  for (const [index, identity] of identities.entries()) {
    const { inputs, state, address } = [one, two][index]!;
    expect(identity).toMatchObject({
      hostname: inputs.name,
      systemUuid: state.uuid,
      machineId: state.uuid.replaceAll("-", ""),
      journal: state.uuid.replaceAll("-", ""),
      hostKey: inputs.identity.hostKey.publicKey.split(" ").slice(0, 2).join(" "),
      mac: inputs.nic.mac,
      address,
      dockerIdKept: identity.dockerId,
    });
    expect(Math.abs(identity.clockSkew)).toBeLessThan(5);
  }
  for (const key of ownToEach) expect(identities[0]![key], key).not.toEqual(identities[1]![key]);
  const found = await openTemplate(template.state.path);
  if ("trouble" in found) throw new Error(found.trouble);
  for (const made of [one, two])
    expect((await traces(machines, made, found.manifest.ids)).join("\n")).toBe("");
});

test("an identifier that the template's processor has in its registers is not a fork's either", async () => {
  const held = await machines.template({ name: "held" }, holdMachineId());
  const found = await openTemplate(held.state.path);
  if ("trouble" in found) throw new Error(found.trouble);
  const { ids, marks } = found.manifest;
  const pieces = marks.filter(({ of, inRegister }) => of === "system" && inRegister);
  expect(pieces.length).toBeGreaterThanOrEqual(4);
  const made = await machines.make(await machines.inputs("holder", held.state));
  expect(await machines.inGuest("holder", "pidof hold")).not.toBe("");
  expect((await traces(machines, made, ids)).join("\n")).toBe("");
  await machines.remove(made);
  await savedDomain.delete("held", held.state, pluginCall("urn:template:held"));
  await rm(held.state.path, { recursive: true });
});

/** What a restart changes, and what a machine that stayed up and kept its disk does not. */
const boot = (name: string) => machines.inGuest(name, "cat /proc/sys/kernel/random/boot_id");
const keep = (name: string) => machines.inGuest(name, "echo kept >/root/kept; sync");
const kept = (name: string) => machines.inGuest(name, "cat /root/kept");
const size = async (name: string) => Number(await machines.inGuest(name, "df --output=size -B1 / | tail -1"));

test("a fork that reboots by itself is what it was", async () => {
  const self = async () => {
    const { hostname, machineId, hostKey, mac, address, dockerId } = await identityOf(machines, one);
    return { hostname, machineId, hostKey, mac, address, dockerId };
  };
  const [before, booted] = [await self(), await boot("one")];
  await keep("one");
  const signal = AbortSignal.timeout(300_000);
  await Libvirt.with(machines.lab.libvirtUri, signal, (libvirt) =>
    rebootDomain(libvirt, "one", { signal, status: () => {} }),
  );
  expect(await boot("one")).not.toBe(booted);
  await Promise.all([one.address, one.address6].map(greets));
  expect([await self(), await kept("one")]).toEqual([before, "kept"]);
  expect(await machines.inGuest("one", "systemctl list-units --failed --no-legend")).toBe("");
}, 360_000);

test("a fork's disk may be larger than its template's, and grows in the running machine", async () => {
  expect(await size("two")).toBeGreaterThan(5e9);
  await keep("two");
  const before = await boot("two");
  const said = await machines.change(two, { root: { ...two.inputs.root, size: 8 * 2 ** 30 } });
  expect(said).toBe("");
  expect(await size("two")).toBeGreaterThan(7e9);
  expect([await kept("two"), await boot("two")]).toEqual(["kept", before]);
});

test("a file system on a partition grows with that", async () => {
  // The image's root has no partition, and it no growpart: a stand-in does to the kernel's table what that does to the disk's.
  await machines.virsh("vol-create-as", "machines", "part.qcow2", "64MiB", "--format", "qcow2");
  const disk = join(machines.folder, "part.qcow2");
  await machines.virsh(
    "attach-disk",
    "two",
    disk,
    "vdc",
    "--driver",
    "qemu",
    "--subdriver",
    "qcow2",
    "--live",
  );
  await machines.inGuest(
    "two",
    `set -e
    until [ -b /dev/vdb ]; do sleep 0.2; done
    addpart /dev/vdb 1 2048 100000 && udevadm settle && mkfs.ext4 -q /dev/vdb1
    mkdir -p /mnt/part && mount /dev/vdb1 /mnt/part && echo kept >/mnt/part/kept
    printf '#!/bin/sh\\n[ "$*" = "/dev/vdb 1" ] && exec resizepart "$1" "$2" 250000\\n' >/usr/local/bin/growpart
    chmod +x /usr/local/bin/growpart`,
  );
  await machines.virsh("blockresize", "two", "vdc", "128MiB");
  const grown = "df --output=size -BM /mnt/part | tail -1; cat /mnt/part/kept";
  expect(await machines.inGuest("two", grown)).toMatch(/^4\dM\nkept$/);
  await machines.inGuest("two", growScript("/mnt/part"));
  expect(await machines.inGuest("two", grown)).toMatch(/^1[012]\dM\nkept$/);
  await machines.inGuest("two", "umount /mnt/part && rm /usr/local/bin/growpart");
  await machines.virsh("detach-disk", "two", "vdc", "--live");
});

test("starting with the hypervisor: in place", async () => {
  const before = await boot("two");
  await machines.change(two, { autostart: true });
  expect(await machines.virsh("dominfo", "two")).toMatch(/Autostart:\s+enable/);
  await machines.change(two, { autostart: false });
  expect(await machines.virsh("dominfo", "two")).toMatch(/Autostart:\s+disable/);
  expect([await kept("two"), await boot("two")]).toEqual(["kept", before]);
});

test("paused and running again: in place, and nothing in it notices", async () => {
  const before = await boot("two");
  await machines.change(two, { power: "paused" });
  expect(await machines.virsh("domstate", "two")).toBe("paused");
  await machines.change(two, { power: "running" });
  expect(await machines.virsh("domstate", "two")).toBe("running");
  expect([await kept("two"), await boot("two")]).toEqual(["kept", before]);
});

test("memory, processors, firmware, kernel arguments and console: one restart on the same disk, and the machine is still itself", async () => {
  const before = await identityOf(machines, one);
  await keep("one");
  const consoleLog = one.inputs.consoleLog.replace(/\.log$/, "-2.log");
  const cmdline = `${one.inputs.boot!.cmdline} berth.tried=1`;
  const said = await machines.change(one, {
    memoryMiB: 1280,
    cpus: 2,
    firmware: "uefi",
    boot: { ...one.inputs.boot!, cmdline },
    consoleLog,
  });
  expect(said.split("one shut itself down, asked by its guest agent"), said).toHaveLength(2);
  expect(one.state.lastStop).toBe("agent");
  // The update ends when the machine is up, Docker included.
  await machines.inGuest("one", "docker info >/dev/null");
  expect(await kept("one")).toBe("kept");
  expect(await machines.inGuest("one", "cat /proc/cmdline; nproc")).toMatch(/berth\.tried=1.*\n2$/);
  expect(await machines.inGuest("one", "test -d /sys/firmware/efi && echo uefi")).toBe("uefi");
  expect(
    Number(await machines.inGuest("one", "awk '/MemTotal/ { print $2 }' /proc/meminfo")),
  ).toBeGreaterThan(1.1e6);
  expect((await stat(consoleLog)).size).toBeGreaterThan(0);
  const { hostname, systemUuid, machineId, hostKey, dockerId } = before;
  expect(await identityOf(machines, one)).toMatchObject({
    hostname,
    systemUuid,
    machineId,
    hostKey,
    dockerId,
  });
  await Promise.all([one.address, one.address6].map(greets));
});

/** What is known of a machine that does not answer: nobody outside of the lab's network gets an answer of one. */
async function unanswered({ inputs, state, address }: Made): Promise<string> {
  const { hostKey, user } = inputs.identity;
  const ssh = connectSsh({
    host: address,
    user,
    privateKey: hostKey.privateKey,
    hostKeys: [hostKey.publicKey],
    readyTimeoutMs: 500,
    domain: { uri: inputs.uri, uuid: state.uuid, pool: state.pool, volume: state.volume },
  });
  try {
    await ssh.exec("true", { signal: AbortSignal.timeout(60_000) });
    return "answers";
  } catch (error) {
    return (error as SshError).kind;
  } finally {
    ssh.close();
  }
}

/** Ends a guest's agent, and waits until libvirt knows. */
async function silence(name: string): Promise<void> {
  await machines.inGuest(name, "systemd-run --no-block sh -c 'sleep 1; systemctl stop qemu-guest-agent'");
  await vi.waitUntil(async () => (await machines.virsh("dumpxml", name)).includes("state='disconnected'"), {
    timeout: 60_000,
    interval: 200,
  });
}

test("stopped by its power button where its agent does not answer; a disk that grew meanwhile is taken into use at the start", async () => {
  await silence("two");
  const said = await machines.change(two, { power: "stopped" });
  expect(said).toContain("two shut itself down, asked by its power button");
  expect(two.state).toMatchObject({ power: "stopped", lastStop: "acpi" });
  expect(await machines.virsh("domstate", "two")).toBe("shut off");
  await machines.change(two, { root: { ...two.inputs.root, size: 10 * 2 ** 30 } });
  expect(await machines.virsh("domstate", "two")).toBe("shut off");
  await machines.change(two, { power: "running" });
  expect(two.state).toMatchObject({ power: "running", lastStop: "acpi" });
  expect(await kept("two")).toBe("kept");
  expect(await size("two")).toBeGreaterThan(9e9);
});

test("a guest that does not shut itself down has its power cut at the limit, which is said", async () => {
  await machines.inGuest("two", "systemctl mask --runtime --now systemd-logind.service; sync");
  await silence("two");
  const said = await machines.change(two, { power: "stopped", stopGrace: "3s" });
  expect(said).toContain("two did not shut itself down within 3s");
  expect(said).toContain("its power was cut");
  expect(two.state).toMatchObject({ power: "stopped", lastStop: "forced" });
});

test("a machine that was shut off and undefined by hand is found so, and runs again on its disk", async () => {
  Object.assign(two, {
    inputs: { ...two.inputs, power: "running" },
    state: { ...two.state, power: "running" },
  });
  await machines.refresh(two);
  expect(two.state.power).toBe("stopped");
  expect(await unanswered(two)).toBe("off");
  await machines.virsh("undefine", "two");
  await machines.refresh(two);
  expect(two.state.power).toBe("absent");
  expect(await unanswered(two)).toBe("off");
  await machines.change(two, { power: "running" });
  expect(await machines.virsh("domstate", "two")).toBe("running");
  expect(await machines.virsh("domuuid", "two")).toBe(two.id);
  expect(await kept("two")).toBe("kept");
  // One that runs should be reachable: that it is not is an error, and nothing in it is taken to be gone.
  expect(await unanswered(two)).toBe("unreachable");
});

test.each([
  ["stopped", "shut off"],
  ["paused", "paused"],
] as const)(
  "a machine that is made %s does not run, and boots from its own disk when it is to",
  async (power, found) => {
    const made = await machines.make({ ...(await machines.inputs("quiet", template.state)), power });
    expect(made.state).toMatchObject({ power, started: "cold" });
    expect(await machines.virsh("domstate", "quiet")).toBe(found);
    await machines.remove(made);
  },
);

test("a machine that somebody else made in its place is known by its identity, and one of another's is left alone", async () => {
  const made = await machines.make({ ...(await machines.inputs("anew", template.state)), power: "stopped" });
  const xml = (await machines.virsh("dumpxml", "--inactive", "anew")).replace(/<uuid>.*<\/uuid>/, "");
  const define = async (text: string) => {
    await machines.virsh("undefine", "anew");
    const file = join(machines.berthHome, "anew.xml");
    await writeFile(file, text);
    await machines.virsh("define", file);
  };
  await define(xml.replace(/<metadata>[\s\S]*<\/metadata>/, ""));
  const before = made.id;
  await machines.refresh(made);
  expect(made.state.uuid).not.toBe(before);
  expect(made.state.uuid).toBe(await machines.virsh("domuuid", "anew"));
  await define(xml.replace(/<metadata>[\s\S]*<\/metadata>/, "").replaceAll("anew.qcow2", "another.qcow2"));
  await expect(machines.refresh(made)).rejects.toThrow(/another program's has its name.*virsh undefine anew/);
  await machines.virsh("undefine", "anew");
  await machines.remove(made);
  expect(await unanswered(made)).toBe("gone");
});

test("the user's own first boot runs in a fork", async () => {
  await machines.remove(two);
  const cloudConfig = { write_files: [{ path: "/etc/mine", content: "mine\n" }], runcmd: ["touch /run/ran"] };
  const own = await machines.make(await machines.inputs("own", template.state, cloudConfig));
  expect(await machines.inGuest("own", "cat /etc/mine")).toBe("mine");
  await machines.inGuest("own", "until [ -e /run/ran ]; do sleep 0.5; done");
  await machines.greets(own.address);
  expect((await identityOf(machines, own)).hostKey).toBe(
    own.inputs.identity.hostKey.publicKey.split(" ").slice(0, 2).join(" "),
  );
  await machines.remove(own);
});

test("a fork that can't be given its identity never gets a network, and leaves nothing", async () => {
  const inputs = await machines.inputs("lost", template.state);
  const broken = { ...inputs, identity: { ...inputs.identity, user: "nobody-at-all" } };
  await expect(machines.make(broken)).rejects.toThrow(/authorized keys: there is no user nobody-at-all/);
  expect(await machines.virsh("list", "--all", "--name")).toBe("one");
  expect(await machines.virsh("vol-list", "--pool", "machines")).not.toContain("lost.qcow2");
});

test("a domain of the same name that somebody else made is left alone", async () => {
  const inputs = await machines.inputs("one", template.state);
  await expect(domain.create(inputs, pluginCall("urn:somebody-else"))).rejects.toThrow(
    /another program made it/,
  );
  expect(await machines.virsh("domstate", "one")).toBe("running");
});

test("a volume that somebody else made is never deleted: the machine is not made, and the message says what to do", async () => {
  const inputs = await machines.inputs("taken", template.state);
  await machines.virsh("vol-create-as", "machines", "taken.qcow2", "3MiB", "--format", "raw");
  await expect(machines.make(inputs)).rejects.toThrow(
    /a volume "taken\.qcow2" is in pool "machines" on .*never deleted\. Give the machine another name, or, .*vol-delete --pool machines taken\.qcow2/,
  );
  // A file that libvirt does not know of, too.
  const file = join(machines.lab.stateDir, "lib/libvirt/machines/unlisted.qcow2");
  await writeFile(file, "somebody's");
  const other = await machines.inputs("unlisted", template.state);
  await expect(machines.make(other)).rejects.toThrow(/a volume "unlisted\.qcow2" is in pool/);
  expect(await readFile(file, "utf8")).toBe("somebody's");
  expect(await machines.virsh("vol-info", "--bytes", "--pool", "machines", "taken.qcow2")).toMatch(
    /Capacity:\s+3145728/,
  );
  expect(await machines.virsh("list", "--all", "--name")).not.toMatch(/taken|unlisted/);
});

test("what a creation that was killed half way has left is taken away by the next, which goes on", async () => {
  const inputs = await machines.inputs("half", template.state);
  const creation = spawn(process.execPath, typeScriptArguments(fileURLToPath(creator)), {
    stdio: ["pipe", "ignore", "inherit"],
    // What a killed process leaves of its own goes with the lab.
    env: { ...process.env, TMPDIR: machines.berthHome },
  });
  const ended = new Promise((resolve) => creation.once("close", resolve));
  creation.stdin.end(JSON.stringify({ inputs, urn: "urn:half" }));
  await vi.waitUntil(
    async () => (await machines.virsh("vol-list", "--pool", "machines")).includes("half.qcow2"),
    { timeout: 60_000, interval: 20 },
  );
  creation.kill("SIGKILL");
  await ended;
  expect(await machines.virsh("list", "--all", "--name")).toContain("half");
  const whole = await machines.make(inputs);
  await machines.greets(whole.address);
  await machines.remove(whole);
});

test("a template of another QEMU or of another shape is not used: an error, or a cold boot that says why", async () => {
  const inputs = await machines.inputs("third", template.state);
  await expect(machines.make({ ...inputs, cpus: 2 })).rejects.toThrow(/the shape is another/);
  const older = {
    ...inputs.template!,
    disk: template.state.disk.replace(/[0-9a-f]{20}(?=\.qcow2)/, "0".repeat(20)),
  };
  await expect(machines.make({ ...inputs, template: older })).rejects.toThrow(
    /the disk here is of the one before/,
  );
  const path = join(template.state.path, "template.json");
  const text = await readFile(path, "utf8");
  const manifest = JSON.parse(text);
  await writeFile(path, JSON.stringify({ ...manifest, host: "of yesterday" }));
  await expect(machines.make(inputs)).rejects.toThrow(/another version than the one that saved it.*refresh/);
  const call = pluginCall("urn:third");
  const cold = await domain.create({ ...inputs, requireFork: false }, call);
  expect(cold.state.started).toBe("cold");
  expect(call.said.join("\n")).toMatch(
    /third boots cold: of its template, libvirt or QEMU is another version/,
  );
  await domain.delete(cold.id, cold.state, call);
  await writeFile(path, text);
});

test("a disk too small for the image is refused", async () => {
  const inputs = await machines.inputs("small", template.state);
  const small = { ...inputs, root: { ...inputs.root, size: 2 ** 30 } };
  await expect(machines.make(small)).rejects.toThrow(/too small for its image.*Raise "disk"/);
});

test("a template that is damaged is not used, and made anew by a refresh", async () => {
  const memory = join(template.state.path, "memory");
  const file = await open(memory, "r+");
  await file.write(Buffer.from("damage"), 0, 6, 1_000_000);
  await file.close();
  const inputs = await machines.inputs("third", template.state);
  await expect(machines.make(inputs)).rejects.toThrow(/damaged: its checksum is another.*refresh/);
  await truncate(memory, 1000);
  await expect(machines.make(inputs)).rejects.toThrow(/cut short/);
  const call = pluginCall("urn:template:template");
  const live = await savedDomain.read!("template", template.state, template.inputs, call);
  const diff = await savedDomain.diff!(
    {
      id: "template",
      state: live!.state,
      oldInputs: template.inputs,
      inputs: template.inputs,
      ignoreChanges: [],
    },
    call,
  );
  expect(diff.changes).toHaveLength(1);
  // As a making that was killed leaves it.
  const making = makingVolume("template", "urn:template:template");
  await machines.virsh("vol-create-as", "machines", making, "1MiB");
  // Gone by hand, which is fine.
  await machines.virsh("destroy", "one");
  await machines.remove(one);
  await savedDomain.delete("template", template.state, call);
  expect(await machines.virsh("vol-list", "--pool", "machines")).not.toMatch(
    /template-(making|[0-9a-f])|one\.qcow2/,
  );
});
