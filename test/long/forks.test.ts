import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startLab } from "../../lab/index.js";
import { labInit, labMembers } from "../../lab/labProcesses.js";
import type { DomainInputs } from "../../providers/berth/domain/types.js";
import { domain } from "../../providers/berth/domain.js";
import { savedDomain } from "../../providers/berth/savedDomain.js";
import { openTemplate } from "../../providers/berth/template/templateStore.js";
import type { TemplateState } from "../../providers/berth/template/types.js";
import { pidOf } from "../support/domainProcess.js";
import { type Identity, identityOf, ownToEach, traces } from "../support/identity.js";
import { Machines, pluginCall } from "../support/machines.js";
import { typeScriptArguments } from "../support/typeScriptProcess.js";

const [forks, group] = [50, 5];

/** Machines of several sizes start from one template. */
const room = { maxCpus: 2, maxMemoryMiB: 2048 };
const larger = { cpus: 2, memoryMiB: 1536 };

let machines: Machines;
let template: Awaited<ReturnType<Machines["template"]>>;

/** A small disk of its own for the templates, which can be filled. */
const small = mkdtempSync(join(tmpdir(), "berth-small-disk-"));

beforeAll(async () => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=3G,mode=0700", "berth-small-disk", small]);
  machines = await Machines.start(small);
  template = await machines.template(room);
}, 900_000);
// Also where a test has failed after it had ended libvirtd.
afterEach(() => startLab({ berthHome: machines.berthHome, log: () => {} }), 60_000);
afterAll(async () => {
  await machines.stop();
  execFileSync("umount", [small]);
  rmSync(small, { recursive: true });
}, 60_000);

test(`${forks} forks share nothing with each other or with the template, nor do two of the same name`, async () => {
  const found = await openTemplate(template.state.path);
  if ("trouble" in found) throw new Error(found.trouble);
  const all: Identity[] = [];
  const fresh: string[] = [];
  for (let begin = 0; begin < forks; begin += group) {
    // Every second group has the names of the one before it.
    const names = Array.from(
      { length: group },
      (_, index) => `fork-${Math.floor(begin / (2 * group))}-${index}`,
    );
    const inputs: DomainInputs[] = [];
    for (const [index, name] of names.entries()) {
      inputs.push({ ...(await forkOf(template.state, name)), ...(index % 2 === 1 && larger) });
    }
    const made = await Promise.all(inputs.map((each) => machines.make(each)));
    for (const one of made) {
      all.push(await identityOf(machines, one));
      fresh.push(await machines.inGuest(one.inputs.name, newKeys));
      expect(await traces(machines, one, found.manifest.ids), one.inputs.name).toEqual([]);
      await machines.remove(one);
    }
  }
  for (const key of ownToEach) {
    expect(new Set(all.map((one) => one[key])).size, key).toBe(forks);
  }
  // No 64 bytes of one machine's random numbers turn up in another's.
  const pieces = all.flatMap(({ random }) => random.match(/.{128}/g)!);
  expect(new Set(pieces).size).toBe(pieces.length);
  expect(new Set(fresh.flatMap((text) => text.split("\n"))).size, "SSH and TLS keys made in them").toBe(
    2 * forks,
  );
}, 3_600_000);

/** An SSH key and a TLS key, made just now. */
const newKeys = `
rm -f /tmp/k /tmp/k.pub; ssh-keygen -q -t ed25519 -N '' -f /tmp/k && cut -d' ' -f2 /tmp/k.pub
openssl ecparam -name prime256v1 -genkey -noout | openssl pkey -pubout -outform DER | sha256sum | cut -c1-64`;

describe("a fork that is killed half way", () => {
  const steps = ["forking", "restored", "giving victim its identity", "adding processors and memory"];

  test.each(steps)(
    "the plugin, at the step %s: the next one converges, and nothing is orphaned",
    async (stepName) => {
      const inputs = await victim();
      const child = makeInChild(JSON.stringify(inputs));
      await untilStep(child, stepName);
      child.kill("SIGKILL");
      await nextConverges(inputs);
    },
    300_000,
  );

  test.each(steps)(
    "libvirtd, at the step %s: an error, and the next one converges once it is back",
    async (stepName) => {
      const inputs = await victim();
      const child = makeInChild(JSON.stringify(inputs));
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      await untilStep(child, stepName);
      await killLibvirtd();
      expect(await ended).not.toBe(0);
      await startLab({ berthHome: machines.berthHome, log: () => {} });
      await nextConverges(inputs);
    },
    300_000,
  );

  test.each(steps)(
    "QEMU, at the step %s: an error, nothing left, and the next one goes on",
    async (stepName) => {
      const inputs = await victim();
      const child = makeInChild(JSON.stringify(inputs));
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      await untilStep(child, stepName);
      await killQemu("victim");
      expect(await ended).not.toBe(0);
      await nothingLeft();
      await nextConverges(inputs);
    },
    300_000,
  );

  const victim = async () => ({ ...(await forkOf(template.state, "victim")), ...larger });

  async function untilStep(child: ChildProcess, step: string): Promise<void> {
    if (step !== "restored") return said(child, step);
    await said(child, "forking");
    while ((await machines.virsh("domstate", "victim").catch(() => "")) !== "running");
  }

  /** The next try makes the machine, nothing else is there, and nothing is left once it has gone. */
  async function nextConverges(inputs: DomainInputs): Promise<void> {
    const made = await machines.make(inputs);
    await machines.greets(made.address);
    expect((await machines.virsh("list", "--all", "--name")).split("\n")).toEqual(["victim"]);
    await machines.remove(made);
    await nothingLeft();
  }
});

describe("a template that is killed half way", () => {
  const steps = ["booting", "waiting for Docker", "saving"];

  test.each(steps)(
    "the plugin, at the step %s: no half template is used",
    async (words) => {
      const child = makeHalf();
      await said(child, words);
      child.kill("SIGKILL");
      await wholeAfter();
    },
    900_000,
  );

  test.each(steps)(
    "QEMU, at the step %s: an error, and no half template is used",
    async (words) => {
      const child = makeHalf();
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      await said(child, words);
      await killQemu("half");
      expect(await ended).not.toBe(0);
      await nothingLeft();
      await wholeAfter();
    },
    900_000,
  );

  test.each(steps)(
    "libvirtd, at the step %s: an error, and no half template is used once it is back",
    async (words) => {
      const child = makeHalf();
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      await said(child, words);
      await killLibvirtd();
      expect(await ended).not.toBe(0);
      await startLab({ berthHome: machines.berthHome, log: () => {} });
      await wholeAfter();
    },
    900_000,
  );

  const half = { ...room, name: "half", memoryMiB: 768 };
  const makeHalf = () => start("savedDomain", JSON.stringify({ ...template.inputs, ...half }));

  /** The next try makes a whole one, and nothing of the one before is there. */
  async function wholeAfter(): Promise<void> {
    const { state } = await machines.template(half);
    expect(await openTemplate(state.path)).toHaveProperty("manifest");
    await savedDomain.delete("half", state, pluginCall("urn:template:half"));
    await rm(state.path, { recursive: true });
    await nothingLeft();
  }
});

test("a fork has its address and its route at every moment, also when its networkd takes them over", async () => {
  const made = await machines.make(await forkOf(template.state, "steady"));
  const watched = await machines.inGuest("steady", "timeout 30 ip monitor address route || true");
  // The watch was in time: this is when networkd does it.
  const journal = await machines.inGuest("steady", "journalctl -b -u systemd-networkd -o cat --since=-1min");
  expect(journal).toMatch(/onfiguring with .*10-cloud-init-primary\.network/);
  expect(watched.split("\n").filter((line) => /^Deleted .*(192\.168\.|default)/.test(line))).toEqual([]);
  expect(watched).toContain(made.address);
  await machines.remove(made);
}, 120_000);

test("a fork of a template whose clock stands a day behind is at the right time, and well", async () => {
  // As one that was saved yesterday has it.
  const { state } = await machines.template(
    { ...room, name: "yesterday" },
    { bootcmd: ["date -s '-1 day'"] },
  );
  const found = await openTemplate(state.path);
  if ("trouble" in found) throw new Error(found.trouble);
  const made = await machines.make(await forkOf(state, "today"));
  await machines.greets(made.address);
  const identity = await identityOf(machines, made);
  expect(Math.abs(identity.clockSkew)).toBeLessThan(5);
  expect(await traces(machines, made, found.manifest.ids)).toEqual([]);
  expect(await machines.inGuest("today", "docker run --help >/dev/null && systemctl is-system-running")).toBe(
    "running",
  );
  // What it writes from now on has today's time.
  expect(
    await machines.inGuest(
      "today",
      "logger -t tried today; journalctl --sync; journalctl -t tried --since=-1min -o cat",
    ),
  ).toBe("today");
  await machines.remove(made);
  await savedDomain.delete("yesterday", state, pluginCall("urn:template:yesterday"));
  await rm(state.path, { recursive: true });
}, 900_000);

describe("a full disk", () => {
  test("for a fork's memory: an error that says so, or a cold boot; nothing is left", async () => {
    const free = await fill(machines.templates);
    try {
      const inputs = await forkOf(template.state, "victim");
      await expect(machines.make(inputs)).rejects.toThrow(/no space left/i);
      await nothingLeft();
      const call = pluginCall("urn:victim");
      const cold = await domain.create({ ...inputs, requireFork: false }, call);
      expect(cold.state.started).toBe("cold");
      expect(call.said.join("\n")).toMatch(/victim boots cold, as it could not be forked: .*no space left/i);
      await domain.delete(cold.id, cold.state, call);
    } finally {
      await free();
    }
    const made = await machines.make(await forkOf(template.state, "victim"));
    await machines.remove(made);
  }, 300_000);

  test("for a template's: an error that says so, and nothing is left", async () => {
    const free = await fill(machines.templates);
    try {
      await expect(machines.template({ ...room, name: "half", memoryMiB: 768 })).rejects.toThrow(
        /the template half can't be made: virsh save: /,
      );
      await nothingLeft();
    } finally {
      await free();
    }
  }, 900_000);
});

async function forkOf(state: TemplateState, name: string): Promise<DomainInputs> {
  return { ...(await machines.inputs(name, state)), ...room };
}

function start(what: "domain" | "savedDomain", inputs: string): ChildProcess {
  const script = join(import.meta.dirname, "support/create.ts");
  return spawn(process.execPath, [...typeScriptArguments(script), what], {
    stdio: ["pipe", "pipe", "inherit"],
    // What it leaves when it is killed goes with the lab's folder.
    env: { ...process.env, TMPDIR: machines.berthHome },
  }).on("spawn", function (this: ChildProcess) {
    this.stdin!.end(inputs);
  });
}

const makeInChild = (inputs: string) => start("domain", inputs);

/** Until a child has printed a line with these words. */
async function said(child: ChildProcess, words: string): Promise<void> {
  for await (const line of createInterface({ input: child.stdout! })) if (line.includes(words)) return;
  throw new Error(`it ended before it said "${words}"`);
}

async function killQemu(name: string): Promise<void> {
  for (;;) {
    try {
      process.kill(pidOf(machines.lab, name), "SIGKILL");
      return;
    } catch {
      // Not started yet.
    }
  }
}

/** Until it has gone: while it dies, its socket takes connections and drops them. */
async function killLibvirtd(): Promise<void> {
  const running = () => labMembers(labInit(machines.lab)!).find(({ name }) => name === "libvirtd");
  const { pid } = running()!;
  process.kill(pid, "SIGKILL");
  await expect.poll(running, { timeout: 10_000, interval: 20 }).toBeUndefined();
}

/** Takes all room on a folder's disk but 50 MiB, and gives what takes that back. */
async function fill(folder: string): Promise<() => Promise<void>> {
  const { bavail, bsize } = await statfs(folder);
  const path = join(folder, "filling");
  const file = await open(path, "w");
  const mebibyte = Buffer.alloc(2 ** 20);
  for (let left = bavail * bsize - 50 * 2 ** 20; left > 0; left -= mebibyte.length)
    await file.write(mebibyte);
  await file.close();
  return () => rm(path);
}

async function nothingLeft(): Promise<void> {
  expect(await machines.virsh("list", "--all", "--name")).toBe("");
  expect(await leftovers()).toEqual([]);
}

/** Volumes of machines and templates but for the tests' own seeds, and files of forks in the template's folder. */
async function leftovers(): Promise<string[]> {
  const volumes = (await machines.virsh("vol-list", "--pool", "machines"))
    .split("\n")
    .map((line) => line.trim().split(/\s+/)[0]!);
  return [
    ...volumes.filter((name) => /victim\.qcow2|half-(?!seed$)/.test(name)),
    ...readdirSync(template.state.path).filter((name) => name.startsWith("fork-")),
    ...readdirSync(machines.templates).filter((name) => name.startsWith(".making")),
  ];
}
