import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { awaitBoot } from "../../../providers/berth/domain/awaitBoot.js";
import { domainXml, readDomainXml } from "../../../providers/berth/domain/domainXml.js";
import type { Call } from "../../../providers/kit/index.js";
import { Libvirt } from "../../../providers/virsh/libvirt.js";
import { virshWords } from "../../../providers/virsh/virsh.js";
import { VirshSession } from "../../../providers/virsh/virshSession.js";
import { attribute, elementText } from "../../../providers/virsh/xml.js";
import type { Backup, Verification } from "../repository/manifest.js";
import type { Repository } from "../repository/repository.js";
import { guestFacts } from "./guestFacts.js";
import { uploadStored } from "./uploadStored.js";

const prefix = "berth-verify-";
const cleanUpLimitMs = 120_000;
const factsLimitMs = 120_000;
const pollMs = 1000;

export interface VerifyRequest {
  /** Where the throw-away machine is made. */
  readonly uri: string;
  readonly pool: string;
  readonly temporary: string;
}

/**
 * Restores a backup into a throw-away machine without a network, boots it until its guest agent answers and its services run,
 * and compares it with what was seen when it was backed up. Nothing is left of the machine.
 *
 * @throws with what is wrong
 */
export async function verifyBackup(
  repository: Repository,
  backup: Backup,
  { uri, pool, temporary }: VerifyRequest,
  call: Pick<Call<unknown>, "signal" | "log" | "status">,
): Promise<Verification> {
  return Libvirt.with(uri, call.signal, async (libvirt) => {
    const name = `${prefix}${randomBytes(5).toString("hex")}`;
    const volumes: string[] = [];
    // The machine goes with this connection, also where this process is killed.
    const session = new VirshSession(uri);
    try {
      const checks: string[] = [];
      const paths = new Map<string, string>();
      const put = async (key: string, kind: "disk" | "file", stored: Backup["disks"][string]) => {
        const volume = `${name}-${volumes.length}`;
        volumes.push(volume);
        call.status(`${backup.id}: restoring ${key}`);
        paths.set(
          key,
          await uploadStored(libvirt, repository, stored, kind, { pool, volume, temporary }, call.signal),
        );
      };
      for (const [target, stored] of Object.entries(backup.disks)) await put(target, "disk", stored);
      for (const [path, stored] of Object.entries(backup.files)) await put(path, "file", stored);
      checks.push("every chunk is whole");
      const file = await libvirt.file("domain.xml", throwAwayXml(name, backup, paths));
      const { stderr: refused } = await session.run(`create ${file} --autodestroy`, call.signal);
      if (/^error:/m.test(refused))
        throw new Error(`${backup.id}: no throw-away machine could be started: ${virshWords(refused)}`);
      await awaitBoot(libvirt, name, `the throw-away machine of ${backup.id}`, call);
      checks.push("it boots to its guest agent");
      if (backup.facts !== undefined) checks.push(...(await expectFacts(libvirt, name, backup, call)));
      return { id: backup.id, when: new Date().toISOString(), checks };
    } finally {
      await session.close();
      await Libvirt.with(uri, AbortSignal.timeout(cleanUpLimitMs), async (again) => {
        for (const volume of volumes) await again.find(["vol-delete", "--pool", pool, volume]);
        await removeLeftovers(again, pool);
      });
    }
  });
}

/** The machine as it was described, without what others would notice: no network, another name and identity. */
function throwAwayXml(name: string, { domain, id }: Backup, paths: ReadonlyMap<string, string>): string {
  const path = (key: string) => paths.get(key);
  const { cpus, memoryMiB } = readDomainXml(domain);
  const kernel = elementText(domain, "kernel");
  const initrd = elementText(domain, "initrd");
  const boot =
    kernel === undefined
      ? undefined
      : {
          kernel: path(kernel) ?? kernel,
          ...(initrd !== undefined && { initrd: path(initrd) ?? initrd }),
          cmdline: elementText(domain, "cmdline") ?? "",
        };
  const disk = path("vda");
  if (disk === undefined) throw new Error(`${id} has no disk "vda" to boot from`);
  const log = attribute(domain, "log", "file");
  return domainXml({
    name,
    type: attribute(domain, "domain", "type") === "kvm" ? "kvm" : "qemu",
    machine: attribute(domain, "type", "machine") ?? "q35",
    cpus,
    memoryMiB,
    disk,
    ...(boot && { boot }),
    // One file for all of them.
    consoleLog: `${log === undefined ? "/var/log/libvirt/qemu" : dirname(log)}/berth-verify.log`,
    description: `throw-away machine of the backup ${id}`,
  });
}

/**
 * Compares a machine that has booted with what was seen when it was backed up; waits until what Docker had is there, as its daemon
 * starts last.
 *
 * @returns what is right, in words
 * @throws with what is not
 */
export async function expectFacts(
  libvirt: Libvirt,
  domain: string,
  { id, facts }: Pick<Backup, "id" | "facts">,
  { signal }: Pick<Call<unknown>, "signal">,
): Promise<string[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(factsLimitMs)]);
  const wanted = facts!;
  for (;;) {
    const found = await guestFacts(libvirt, domain, signal);
    const isWhole =
      found !== undefined && (wanted.containers === undefined || found.containers !== undefined);
    if (!isWhole && !limit.aborted) {
      await delay(pollMs, undefined, { signal });
      continue;
    }
    if (found === undefined) throw new Error(`${id}: what was restored does not say who it is`);
    for (const [what, is, was] of [
      ["machine-id", found.machineId, wanted.machineId],
      ["host name", found.hostname, wanted.hostname],
    ] as const) {
      if (is !== was) throw new Error(`${id}: the ${what} of what was restored is ${is}, and was ${was}`);
    }
    if (wanted.containers === undefined) return ["it is the machine that it was"];
    const lost = wanted.containers.filter((one) => !found.containers?.includes(one));
    if (found.containers === undefined) throw new Error(`${id}: Docker does not answer in what was restored`);
    if (lost.length > 0) throw new Error(`${id}: of its containers, these are missing: ${lost.join(", ")}`);
    return [
      "it is the machine that it was",
      `Docker answers with its ${wanted.containers.length} containers`,
    ];
  }
}

/** What a verification that was killed has left: volumes that no machine has. */
async function removeLeftovers(libvirt: Libvirt, pool: string): Promise<void> {
  const domains = (await libvirt.run(["list", "--all", "--name"])).split("\n");
  const list = await libvirt.run(["vol-list", "--pool", pool]);
  const volumes = list.split("\n").map((line) => line.trim().split(/\s+/)[0] ?? "");
  for (const volume of volumes.filter((one) => one.startsWith(prefix))) {
    const owner = volume.replace(/-\d+$/, "");
    if (!domains.includes(owner)) await libvirt.find(["vol-delete", "--pool", pool, volume]);
  }
}
