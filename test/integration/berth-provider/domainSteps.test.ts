import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withDefaults } from "../../../providers/berth/domain/checkDomain.js";
import type { DomainInputs, DomainState } from "../../../providers/berth/domain/types.js";
import { domain } from "../../../providers/berth/domain.js";
import { keptDisk } from "../../../providers/berth/keptDisk.js";
import { FailingVirsh } from "../../support/failingVirsh.js";
import { pluginCall } from "../../support/machines.js";
import { TestLibvirtd } from "../../support/testLibvirtd.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

const creator = fileURLToPath(new URL("../../support/createDomain.ts", import.meta.url));
const mib = 2 ** 20;

/** What is done to a machine that is off needs no guest: a libvirtd with libvirt's driver for tests sees it through. */
let libvirtd: TestLibvirtd;
let folder = "";
let inputs: DomainInputs;

beforeAll(async () => {
  libvirtd = await TestLibvirtd.start();
  folder = await mkdtemp(join(tmpdir(), "berth-steps-"));
  inputs = withDefaults({
    uri: libvirtd.uri,
    name: "steps",
    // The driver's own.
    type: "test" as "qemu",
    machine: "pc",
    cpus: 1,
    memoryMiB: 512,
    root: { pool: "default-pool", name: "steps.qcow2", base: "/base.qcow2", size: 64 * mib },
    disks: { data: { size: mib } },
    seed: "/seed",
    nic: { network: "default", mac: "52:54:00:00:00:01" },
    consoleLog: "/tmp/steps.log",
    autostart: false,
    power: "stopped",
    reason: "of a test",
    requireFork: false,
    identity: {} as DomainInputs["identity"],
  });
});
afterAll(async () => {
  await libvirtd.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What is left of machines: domains and volumes. */
async function remains(): Promise<string[]> {
  const domains = await libvirtd.virsh("list --all --name");
  const volumes = await libvirtd.virsh("vol-list default-pool");
  const names = [domains, volumes].flatMap((text) =>
    text.split("\n").map((line) => line.trim().split(/\s/)[0]!),
  );
  return names.filter((name) => name !== "" && name !== "test").sort();
}

const call = () => pluginCall("urn:steps");
const make = (given: DomainInputs) => domain.create(given, call());
const whole = ["steps", "steps-data.qcow2", "steps.qcow2"];

test("a creation that fails, at whichever step, leaves nothing, and the next goes on", async () => {
  const { PATH: path } = process.env;
  for (let at = 1; ; at++) {
    const virsh = await FailingVirsh.in(folder, at, "fail");
    process.env["PATH"] = virsh.path;
    const made = await make(inputs).catch((error: Error) => error);
    process.env["PATH"] = path;
    if (made instanceof Error) {
      expect(made.message, `step ${at}`).toMatch(/broken-by-the-test/);
      expect(await remains(), `step ${at}`).toEqual([]);
      continue;
    }
    // The last step has passed.
    expect(await virsh.broke()).toBe(false);
    expect(at).toBeGreaterThan(8);
    expect(await remains()).toEqual(whole);
    await domain.delete(made.id, made.state, call());
    break;
  }
  expect(await remains()).toEqual([]);
});

test("a creation that is killed, at whichever step, is made good by the next", async () => {
  for (let at = 1; ; at++) {
    const virsh = await FailingVirsh.in(folder, at, "kill");
    spawnSync(process.execPath, typeScriptArguments(creator), {
      input: JSON.stringify({ inputs, urn: "urn:steps" }),
      env: { ...process.env, PATH: virsh.path, TMPDIR: folder },
    });
    const made = await make(inputs);
    expect(await remains(), `step ${at}`).toEqual(whole);
    await domain.delete(made.id, made.state, call());
    expect(await remains(), `step ${at}`).toEqual([]);
    if (!(await virsh.broke())) break;
    expect(at).toBeLessThan(60);
  }
}, 600_000);

test("what somebody else made is neither taken over nor deleted, and nothing else is left", async () => {
  await libvirtd.virsh("vol-create-as default-pool steps-data.qcow2 2MiB");
  await expect(make(inputs)).rejects.toThrow(
    /a volume "steps-data.qcow2" is in pool "default-pool".*never deleted/,
  );
  expect(await remains()).toEqual(["steps-data.qcow2"]);
  await libvirtd.virsh("vol-delete --pool default-pool steps-data.qcow2");
});

test("a machine that is off takes another shape, disks and interfaces for its next start", async () => {
  let { id, state } = await make(inputs);
  let now = inputs;
  const change = async (change: Partial<DomainInputs>) => {
    const next = { ...now, ...change };
    state = await domain.update!({ id, state, oldInputs: now, inputs: next }, call());
    now = next;
    return libvirtd.virsh("dumpxml --inactive steps");
  };
  const more = { data: { size: mib }, logs: { size: mib, mount: "/logs" } };
  expect(await change({ disks: more, memoryMiB: 1024, cpus: 2 })).toMatch(
    /<memory unit='KiB'>1048576<[\s\S]*<vcpu [^>]*>2<[\s\S]*steps-data\.qcow2[\s\S]*<serial>data<[\s\S]*steps-logs\.qcow2/,
  );
  const second = { network: "default", mac: "52:54:00:00:00:02", address: "10.0.0.5/24" };
  expect(
    await change({ interfaces: { second }, description: "it's <mine>", bootOrder: ["network", "disk"] }),
  ).toMatch(
    /<description>it&apos;s &lt;mine&gt;<[\s\S]*<boot dev='network'\/>\s*<boot dev='hd'\/>[\s\S]*52:54:00:00:00:02/,
  );
  expect(await change({ maxMemoryMiB: 4096, maxCpus: 4, seed: "/another" })).toMatch(
    /<maxMemory slots='16' unit='KiB'>4194304<[\s\S]*<vcpu [^>]*current='2'>4<[\s\S]*\/another/,
  );
  expect(state).toMatchObject({ power: "stopped", ceiling: { cpus: 4, memoryMiB: 4096 } });
  const live = await domain.read!(id, state, now, call());
  expect(live!.inputs).toEqual(now);

  await libvirtd.virsh("vol-create-as default-pool steps-more.qcow2 2MiB");
  await expect(change({ disks: { ...more, more: { size: mib } } })).rejects.toThrow(/never deleted/);
  expect(await libvirtd.virsh("dumpxml --inactive steps")).not.toContain("steps-more");
  await libvirtd.virsh("vol-delete --pool default-pool steps-more.qcow2");

  expect(await change({ disks: { logs: more.logs }, interfaces: {}, discard: ["data"] })).not.toMatch(
    /steps-data|52:54:00:00:00:02/,
  );
  expect(await remains()).toEqual(["steps", "steps-logs.qcow2", "steps.qcow2"]);

  // Its volume deleted by hand: a refresh finds the disk gone, and it is made anew.
  await libvirtd.virsh("vol-delete --pool default-pool steps-logs.qcow2");
  const found = await domain.read!(id, state, now, call());
  expect(found!.inputs.disks).toEqual({});
  await change({});
  expect(await remains()).toEqual(["steps", "steps-logs.qcow2", "steps.qcow2"]);
  await domain.delete(id, state, call());
  expect(await remains()).toEqual([]);
});

test("a kept disk outlives its machine, and its own creation that was killed", async () => {
  const given = { uri: libvirtd.uri, pool: "default-pool", name: "steps-kept", size: mib };
  const kept = await keptDisk.create(given, pluginCall("urn:kept"));
  expect((await keptDisk.create(given, pluginCall("urn:kept"))).id).toBe(kept.id);
  expect((await keptDisk.create(given, pluginCall("urn:another"))).id).not.toBe(kept.id);
  const disks = { kept: { size: mib, volume: kept.state.volume } };
  const first = await make({ ...inputs, disks });
  await domain.delete(first.id, first.state, call());
  expect(await remains()).toContain(kept.state.volume);
  const second = await make({ ...inputs, disks });
  expect(second.state.dataVolumes).toEqual([]);
  await domain.delete(second.id, second.state, call());
  await keptDisk.delete(kept.id, kept.state, call());
  expect(await keptDisk.read!(kept.id, kept.state, given, call())).toBeUndefined();
  await expect(make({ ...inputs, disks })).rejects.toThrow(/there is no volume/);
  expect(await remains()).toHaveLength(1);
});

test("a libvirtd that does not answer any more is given up in bounded time, and one that does again goes on", async () => {
  const { id, state }: { id: string; state: DomainState } = await make({ ...inputs, disks: {} });
  libvirtd.process.kill("SIGSTOP");
  try {
    const began = performance.now();
    const results = await Promise.allSettled([
      domain.read!(id, state, inputs, call()),
      domain.delete(id, state, call()),
    ]);
    for (const result of results) {
      expect(String((result as PromiseRejectedResult).reason)).toMatch(
        /libvirt at .* does not answer within 30s/,
      );
    }
    expect(performance.now() - began).toBeLessThan(60_000);
  } finally {
    libvirtd.process.kill("SIGCONT");
  }
  await domain.delete(id, state, call());
});
