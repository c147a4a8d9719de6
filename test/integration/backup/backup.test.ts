import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { backUpMachines } from "../../../cli/backup/machine/backUpMachines.js";
import { restoreMachine } from "../../../cli/backup/machine/restoreMachine.js";
import { verifyBackup } from "../../../cli/backup/machine/verifyBackup.js";
import { FolderStore } from "../../../cli/backup/repository/folderStore.js";
import type { Backup } from "../../../cli/backup/repository/manifest.js";
import { Repository } from "../../../cli/backup/repository/repository.js";
import { domain } from "../../../providers/berth/domain.js";
import { identityOf } from "../../support/identity.js";
import { type Machines, type Made, pluginCall } from "../../support/machines.js";
import { startBox, startForks } from "../../support/startForks.js";

// Machines of emulated processors boot more than once in one test.
vi.setConfig({ testTimeout: 600_000 });

/** Two machines on one lab; each test builds on those before it. */
let machines: Machines;
let one: Made;
let two: Made;

beforeAll(async () => {
  [machines, one, two] = await startForks("one", "two");
  await startBox(machines, "one");
}, 600_000);
afterAll(() => machines?.stop(), 300_000);

const refs = (...made: Made[]) =>
  made.map(({ id, inputs }) => ({ uri: inputs.uri, domain: id, name: inputs.name }));
const write = (name: string, text: string) => machines.inGuest(name, `echo ${text} >/root/word; sync`);
const word = (name: string) => machines.inGuest(name, "cat /root/word");

/** Backups go to an encrypted repository beside the lab. */
const openRepository = (): Promise<Repository> =>
  Repository.open(new FolderStore(join(machines.berthHome, "backups")), "of a test", {});
const quiet = (signal = AbortSignal.timeout(600_000)) => pluginCall("urn:backup", signal);
const backUp = async (made: Made) => {
  const repository = await openRepository();
  const began = performance.now();
  const [backup] = await backUpMachines(
    repository,
    { stack: "test", machines: refs(made), temporary: machines.berthHome },
    quiet(),
  );
  await expectTidy();
  return { backup: backup!, seconds: (performance.now() - began) / 1000 };
};
/** No copy, no throw-away machine and no half restored disk is left. */
const expectTidy = async () => {
  expect(await machines.virsh("vol-list", "--pool", "machines")).not.toMatch(/berth-|restoring/);
  expect(await machines.virsh("list", "--all", "--name")).not.toContain("berth-verify");
};
let first: Backup;

test("a running machine is backed up frozen; what has not changed since is not stored again", async () => {
  await write("one", "backed-up");
  const full = await backUp(one);
  first = full.backup;
  expect(first).toMatchObject({ machine: "one", consistency: "frozen", facts: { hostname: "one" } });
  expect(first.facts!.containers).toContain("kept");
  expect(Object.keys(first.disks)).toEqual(["vda"]);
  await machines.inGuest("one", "dd if=/dev/urandom of=/root/new bs=1M count=5 2>/dev/null; sync");
  const next = await backUp(one);
  console.log(
    `backup: ${full.seconds.toFixed(1)} s and ${Math.round(first.added / 2 ** 20)} MiB, ` +
      `then ${next.seconds.toFixed(1)} s and ${Math.round(next.backup.added / 2 ** 20)} MiB`,
  );
  expect(first.added).toBeGreaterThan(100 * 2 ** 20);
  expect(next.backup.added).toBeGreaterThan(5 * 2 ** 20);
  expect(next.backup.added).toBeLessThan(first.added / 4);
  expect(await machines.virsh("qemu-agent-command", "one", '{"execute":"guest-fsfreeze-status"}')).toContain(
    "thawed",
  );
});

test("verified: it boots without a network, is the machine that it was, and nothing of it is left", async () => {
  const repository = await openRepository();
  const where = { uri: one.inputs.uri, pool: "machines", temporary: machines.berthHome };
  const { checks } = await verifyBackup(repository, first, where, quiet());
  expect(checks).toEqual([
    "every chunk is whole",
    "it boots to its guest agent",
    "it is the machine that it was",
    "Docker answers with its 1 containers",
  ]);
  await expectTidy();

  const chunk = first.disks["vda"]!.runs.find((run) => typeof run === "string")!;
  const file = join(repository.store.where, "chunks", chunk.slice(0, 2), chunk);
  const right = await readFile(file);
  await writeFile(file, Buffer.concat([right.subarray(0, 40), Buffer.from("x"), right.subarray(41)]));
  await expect(verifyBackup(repository, first, where, quiet())).rejects.toThrow(`the chunk ${chunk} of`);
  await write("two", "still here");
  const target = refs(two)[0]!;
  await expect(restoreMachine(repository, first, target, machines.berthHome, quiet())).rejects.toThrow(
    "is damaged",
  );
  expect(await word("two")).toBe("still here");
  await writeFile(file, right);
  await expectTidy();
});

test("restored into another machine, which has what was on the first one and stays itself", async () => {
  const [source, before] = await Promise.all([identityOf(machines, one), identityOf(machines, two)]);
  await restoreMachine(await openRepository(), first, refs(two)[0]!, machines.berthHome, quiet());
  expect(await word("two")).toBe("backed-up");
  expect(await machines.inGuest("two", "docker ps --all --format '{{.Names}}'")).toBe("kept");
  await machines.greets(two.address);
  const after = await identityOf(machines, two);
  const own = ["hostname", "systemUuid", "machineId", "hostKey", "address", "dockerId"] as const;
  for (const key of own) {
    expect(after[key], key).toEqual(before[key]);
    expect(after[key], key).not.toEqual(source[key]);
  }
  const live = await domain.read!(two.id, two.state, two.inputs, pluginCall("urn:two"));
  expect(live).toMatchObject({ inputs: two.inputs, state: two.state });
  await expectTidy();
});
