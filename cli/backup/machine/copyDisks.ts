import { setTimeout as delay } from "node:timers/promises";
import { type DomainDisk, domainDisks } from "../../../providers/berth/domain/domainDisks.js";
import type { Still } from "../../../providers/berth/snapshot/standStill.js";
import type { Call } from "../../../providers/kit/index.js";
import type { Libvirt } from "../../../providers/virsh/libvirt.js";
import { elementText, escapeXml } from "../../../providers/virsh/xml.js";

/** A disk's content at the point in time, as a raw volume beside it. */
export interface DiskCopy {
  readonly target: string;
  readonly pool: string;
  readonly volume: string;
}

/** A machine's disks that are being copied. */
export interface Copying {
  readonly copies: readonly DiskCopy[];
  /** Ends when all of the content is there. */
  readonly done: (call: Pick<Call<unknown>, "signal" | "status">) => Promise<void>;
}

const pollMs = 200;
const removeLimitMs = 60_000;

/** What a machine writes to. */
export function writtenDisks(xml: string): DomainDisk[] {
  return domainDisks(xml).filter(({ readOnly }) => !readOnly);
}

/**
 * Begins to copy the disks of a machine that stands still, and so catches what is on them now: it may go on as soon as this
 * returns. A running machine's QEMU makes the copies.
 */
export async function beginCopy({ machine, libvirt, power }: Still, xml: string): Promise<Copying> {
  const { domain, name } = machine;
  const disks = writtenDisks(xml);
  const planned: (DiskCopy & { readonly path: string; readonly source: string })[] = [];
  for (const { target, path } of disks) {
    const pool = (await libvirt.run(["vol-pool", path])).trim();
    const folder = elementText(await libvirt.run(["pool-dumpxml", pool]), "path");
    if (folder === undefined)
      throw new Error(`${name}: pool "${pool}" of its disk ${target} has no folder for a copy`);
    const volume = `berth-backup-${domain}-${target}.raw`;
    planned.push({ target, pool, volume, path: `${folder}/${volume}`, source: path });
  }
  await clearLeftovers(libvirt, domain, planned);
  if (power === "stopped") return { copies: planned, done: () => copyStopped(libvirt, planned) };
  // A machine that was forked has no seed while it runs, as it is described for its next start.
  const live = await libvirt.run(["dumpxml", domain]);
  const inside = planned.map(
    ({ target, path }) =>
      `<disk name="${target}" backup="yes" type="file"><driver type="raw"/><target file="${escapeXml(path)}"/></disk>`,
  );
  const outside = domainDisks(live)
    .filter(({ readOnly }) => readOnly)
    .map(({ target }) => `<disk name="${target}" backup="no"/>`);
  const job = `<domainbackup mode="push"><disks>${[...inside, ...outside].join("")}</disks></domainbackup>`;
  await libvirt.run(["backup-begin", domain, await libvirt.file("backup.xml", job)]);
  return { copies: planned, done: (call) => untilCopied(libvirt, domain, name, call) };
}

/** Ends what a run that was killed began, and removes what it has left. */
async function clearLeftovers(libvirt: Libvirt, domain: string, copies: readonly DiskCopy[]): Promise<void> {
  let isLeft = false;
  for (const { pool, volume } of copies) {
    await libvirt.run(["pool-refresh", pool]);
    isLeft ||= (await libvirt.find(["vol-path", "--pool", pool, volume])) !== undefined;
  }
  if (!isLeft) return;
  await libvirt.run(["domjobabort", domain]).catch(() => {}); // It has ended by itself.
  const signal = AbortSignal.timeout(removeLimitMs);
  while (readJob(await libvirt.run(["domjobinfo", domain]).catch(() => "")).progress !== undefined)
    await delay(pollMs, undefined, { signal });
  await removeCopies(libvirt, copies);
}

/** Removes what was copied. */
export async function removeCopies(libvirt: Libvirt, copies: readonly DiskCopy[]): Promise<void> {
  const signal = AbortSignal.timeout(removeLimitMs);
  for (const { pool, volume } of copies) {
    await libvirt.run(["pool-refresh", pool], signal);
    if ((await libvirt.find(["vol-path", "--pool", pool, volume], signal)) === undefined) continue;
    await libvirt.find(["vol-delete", "--pool", pool, volume], signal);
  }
}

async function untilCopied(
  libvirt: Libvirt,
  domain: string,
  name: string,
  { signal, status }: Pick<Call<unknown>, "signal" | "status">,
): Promise<void> {
  try {
    for (;;) {
      const job = await libvirt.run(["domjobinfo", domain], signal);
      const { progress } = readJob(job);
      if (progress === undefined) break;
      status(`${name}: copying its disks on the hypervisor, ${progress} %`);
      await delay(pollMs, undefined, { signal });
    }
  } catch (error) {
    await libvirt.run(["domjobabort", domain], AbortSignal.timeout(removeLimitMs)).catch(() => {});
    throw error;
  }
  const ended = await libvirt.run(["domjobinfo", domain, "--completed"], signal);
  if (/^Job type:\s+Completed/m.test(ended)) return;
  throw new Error(`${name}: the hypervisor could not copy its disks: ${ended.replaceAll(/\s+/g, " ")}`);
}

/** How far a job of libvirt's is, in per cent; nothing: none runs. */
export function readJob(text: string): { readonly progress?: number } {
  const type = /^Job type:\s+(\S+)/m.exec(text)?.[1] ?? "None";
  if (type === "None") return {};
  const bytes = (field: string) => {
    const [, number = "0", unit = "B"] = new RegExp(`^${field}:\\s+([\\d.]+) (\\S+)`, "m").exec(text) ?? [];
    return Number(number) * 1024 ** Math.max(0, ["B", "KiB", "MiB", "GiB", "TiB"].indexOf(unit));
  };
  const total = bytes("File total") || bytes("Data total");
  const done = bytes("File processed") || bytes("Data processed");
  return { progress: total === 0 ? 0 : Math.floor((100 * done) / total) };
}

/** A machine that is off changes nothing meanwhile. */
async function copyStopped(
  libvirt: Libvirt,
  planned: readonly (DiskCopy & { readonly source: string })[],
): Promise<void> {
  for (const { pool, volume, source } of planned) {
    const capacity =
      /^Capacity:\s+(\d+)/m.exec(await libvirt.run(["vol-info", "--bytes", source]))?.[1] ?? "0";
    const xml = await libvirt.file(
      `${volume}.xml`,
      `<volume><name>${escapeXml(volume)}</name><capacity>${capacity}</capacity><allocation>0</allocation>` +
        '<target><format type="raw"/></target></volume>',
    );
    const name = source.split("/").at(-1)!;
    await libvirt.run(["vol-create-from", pool, xml, name, "--inputpool", pool]);
  }
}
