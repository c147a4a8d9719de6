import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FolderStore } from "../../cli/backup/repository/folderStore.js";
import type { Backup } from "../../cli/backup/repository/manifest.js";
import { Repository } from "../../cli/backup/repository/repository.js";
import { bringOver, copyAhead, goBack, type Move, removeFrom, startThere } from "../../cli/move/cutOver.js";
import { domain } from "../../providers/berth/domain.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import { inOrder } from "../e2e/support/inOrder.js";
import { FailingVirsh } from "../support/failingVirsh.js";
import { identityOf } from "../support/identity.js";
import { Machines, type Made, pluginCall } from "../support/machines.js";

/** A machine that the parts of `berth move` bring from one lab to another, without a stack. */
describe("a machine that moves", () => {
  inOrder();
  let near: Machines;
  let far: Machines;
  let made: Made;
  let move: Move;
  let repository: Repository;
  let copy: Backup;
  const call = () => pluginCall("urn:one");

  beforeAll(async () => {
    [near, far] = (await Promise.all([Machines.start(), Machines.start()])) as [Machines, Machines];
    made = await near.make(await near.inputs("one"));
    // A container that comes back by itself, of an image that needs no network.
    await near.inGuest(
      "one",
      `set -e; until docker info >/dev/null 2>&1; do sleep 1; done
      cd /tmp; mkdir -p root/bin; cp /bin/busybox root/bin/; tar -C root -c . | docker import - box
      docker run --detach --restart unless-stopped --name kept box /bin/busybox sleep 100000
      echo before >/root/word; head -c 3000000 /dev/urandom >/root/data; sync`,
      600_000,
    );
    const temporary = join(near.berthHome, "move");
    await mkdir(temporary);
    repository = await Repository.open(new FolderStore(join(temporary, "pieces")), undefined, {});
    const { uri, type } = made.inputs;
    move = {
      stack: "test",
      source: { uri, domain: made.id, name: "one" },
      inputs: made.inputs,
      place: {
        ...{ uri: far.lab.libvirtUri, name: "far", pool: "machines", network: "machines", type },
        consoleLogs: far.lab.consoleLogs,
      },
      temporary,
    };
  }, 600_000);
  afterAll(async () => {
    await near?.stop();
    await far?.stop();
  }, 300_000);

  const volumes = async (machines: Machines) =>
    (await machines.virsh("vol-list", "--pool", "machines"))
      .split("\n")
      .map((line) => line.trim().split(/\s+/)[0]);
  const on = (machines: Machines, work: (libvirt: Libvirt) => Promise<void>) =>
    Libvirt.with(machines.lab.libvirtUri, AbortSignal.timeout(60_000), work);
  const word = (machines: Machines) => machines.inGuest("one", "cat /root/word", 300_000);

  test("its disks are copied and read back while it runs", async () => {
    copy = await copyAhead(repository, move, call());
    expect(copy.consistency).toBe("frozen");
    expect(copy.facts?.containers).toEqual(["kept"]);
    expect(await near.virsh("domstate", "one")).toBe("running");
    expect(await volumes(far)).toContain(`berth-move-${made.id}-vda`);
    expect(await volumes(near)).not.toContain(`berth-backup-${made.id}-vda.raw`);
  });

  test("one that does not start at the target runs on where it was, and leaves nothing there", async () => {
    await near.inGuest("one", "echo after the copy >/root/word; sync");
    const { PATH: path } = process.env;
    await bringOver(repository, move, copy, call());
    expect(await near.virsh("domstate", "one")).toBe("shut off");
    const virsh = await FailingVirsh.in(move.temporary, "start", "fail");
    process.env["PATH"] = virsh.path;
    await expect(startThere(move, copy, call())).rejects.toThrow("broken-by-the-test");
    process.env["PATH"] = path;
    await goBack(move, "starting", call());
    expect(await near.virsh("domstate", "one")).toBe("running");
    expect(await word(near)).toBe("after the copy");
    expect(await far.virsh("list", "--all", "--name")).toBe("");
    expect((await volumes(far)).filter((name) => name !== "base.qcow2")).toEqual(
      (await volumes(near)).filter((name) => name !== "base.qcow2" && !/^one/.test(name!)),
    );
  });

  test("what it has written since the copy is there too; it is the machine that it was, and taken over", async () => {
    const identity = await identityOf(near, made);
    copy = await copyAhead(repository, move, call());
    await near.inGuest("one", "echo at the last >/root/word; sync");
    const began = performance.now();
    const said = call();
    await bringOver(repository, move, copy, said);
    const parts = /parts: (\d+)/.exec(said.said.join("\n"))![1];
    await startThere(move, copy, call());
    console.log(`move: away for ${Math.round((performance.now() - began) / 1000)} s; ${parts} parts changed`);
    expect(await word(far)).toBe("at the last");
    expect(await far.inGuest("one", "docker ps --format '{{.Names}}'")).toBe("kept");
    const after = await identityOf(far, made);
    for (const key of [
      "hostname",
      "systemUuid",
      "machineId",
      "hostKey",
      "dockerId",
      "mac",
      "address",
    ] as const)
      expect(after[key], key).toBe(identity[key]);

    const inputs = { ...made.inputs, uri: far.lab.libvirtUri, consoleLog: `${far.lab.consoleLogs}/one.log` };
    const request = { id: made.id, state: made.state, oldInputs: made.inputs, inputs };
    const { changes } = await domain.diff!({ ...request, ignoreChanges: [] }, call());
    expect([...new Set(changes.map(({ kind }) => kind))]).toEqual(["update"]);
    const state = await domain.update!(request, call());
    expect(await identityOf(far, made)).toMatchObject({ bootId: after.bootId });
    const live = await domain.read!(made.id, state, inputs, call());
    expect(live).toMatchObject({ id: made.id, inputs });
    Object.assign(made, { inputs, state });
  });

  test("back again, with another address: nothing of it was left there, and it is reached at that one", async () => {
    await on(near, (libvirt) => removeFrom(libvirt, "machines", made.id, made.inputs));
    expect(await near.virsh("list", "--all", "--name")).toBe("");
    expect(await volumes(near)).not.toContain("one.qcow2");
    // An update makes the machine's seed wherever it is.
    const seed = join(move.temporary, "seed");
    await near.virsh("vol-download", "--pool", "machines", "one-seed", seed);
    await far.virsh("vol-create-as", "machines", "one-seed", "1MiB");
    await far.virsh("vol-upload", "--pool", "machines", "one-seed", seed);
    const before = made.inputs.identity;
    const after = { ...before, address: "192.168.150.77/24" };
    const back: Move = {
      ...move,
      source: { ...move.source, uri: far.lab.libvirtUri },
      inputs: made.inputs,
      place: { ...move.place, uri: near.lab.libvirtUri, name: "near", consoleLogs: near.lab.consoleLogs },
      addresses: { before, after },
    };
    copy = await copyAhead(repository, back, call());
    await bringOver(repository, back, copy, call());
    await startThere(back, copy, call());
    await near.greets("192.168.150.77");
    expect(await near.inGuest("one", "ip -4 -o address show dev eth0")).toContain(" 192.168.150.77/24 ");
    expect(await word(near)).toBe("at the last");
  });
});
