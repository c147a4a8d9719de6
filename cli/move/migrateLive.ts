import { randomInt } from "node:crypto";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { moveOf } from "../../providers/berth/domain/ownership.js";
import { makeVolume } from "../../providers/berth/domain/rootDisk.js";
import type { Call } from "../../providers/kit/index.js";
import { clientUri } from "../../providers/virsh/clientUri.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import { powerOf } from "../../providers/virsh/powerOf.js";
import { volumeSize } from "../../providers/virsh/volumeSize.js";
import { writtenDisks } from "../backup/machine/copyDisks.js";
import { bringSeed, type Move } from "./cutOver.js";
import { liveXml } from "./liveXml.js";
import { openTunnel } from "./sshTunnel.js";
import { describeThere, diskPaths, inputsThere } from "./targetDomain.js";

/** Beside those that libvirt itself gives to migrations, which begin at 49152. */
const firstPort = 49_216;
const portCount = 784;
/** For what has to be found out or ended once the move itself may take no time any more. */
const endLimitMs = 2 * 60_000;
const tellMs = 2000;

/**
 * Has a machine run on at its place, with its memory and all of its disks, and not for a moment at both. Where this fails it runs on
 * where it is.
 */
export async function migrateLive(move: Move, call: Call<unknown>): Promise<void> {
  const { source, place, inputs } = move;
  const { domain, name } = source;
  await Libvirt.with(source.uri, call.signal, (from) =>
    Libvirt.with(place.uri, call.signal, async (to) => {
      const there = await inputsThere(to, inputs, place);
      const xml = await from.run(["dumpxml", "--inactive", "--security-info", domain]);
      const seed = await bringSeed(from, to, xml, move);
      const describe = (whole: boolean) => describeThere(to, there, { uuid: domain, xml, whole, ...seed });
      // Before its disks and marked as one that is not whole, so that whatever cuts this off leaves nothing unknown.
      await to.run(["define", await to.file("on-its-way.xml", await describe(false))]);
      const paths = await diskPaths(to, there);
      const swaps = new Map<string, string>();
      for (const { path } of writtenDisks(xml)) {
        const volume = basename(path);
        const size = await capacity(from, path);
        await makeVolume(to, { pool: place.pool, name: volume, size });
        swaps.set(path, paths.get(volume)!);
      }
      if (seed) swaps.set(seed.here, seed.seed);
      swaps.set(inputs.consoleLog, there.consoleLog);
      for (const part of ["kernel", "initrd"] as const) {
        const [here, its] = [inputs.boot?.[part], there.boot?.[part]];
        if (here !== undefined && its !== undefined) swaps.set(here, its);
      }
      const live = liveXml(await from.run(["dumpxml", "--migratable", "--security-info", domain]), {
        paths: swaps,
        nic: { mac: inputs.nic.mac, network: there.nic.network },
      });
      // Whatever restarts its hypervisor from now on does not start it beside the other.
      await from.run(["autostart", domain, "--disable"]);
      const port = firstPort + 2 * randomInt(portCount / 2);
      const tunnel = await openTunnel(source.uri, place.uri, [port, port + 1], call.signal);
      try {
        await migrate(move, { live, whole: await describe(true), port }, call);
      } finally {
        await tunnel.close();
      }
      call.status(`${name}: it runs on ${place.name}`);
    }),
  );
}

/** libvirt's own migration. Told to end, it is called off, and then has its end awaited: a half one is never left alone. */
async function migrate(
  { source, place }: Move,
  { live, whole, port }: { readonly live: string; readonly whole: string; readonly port: number },
  call: Call<unknown>,
): Promise<void> {
  const { uri, domain, name } = source;
  const ended = new AbortController();
  let isLate: NodeJS.Timeout | undefined;
  await Libvirt.with(uri, ended.signal, async (from) => {
    const command = [
      ...["migrate", domain, clientUri(place.uri), "--live", "--persistent", "--copy-storage-all"],
      ...["--abort-on-error", "--auto-converge"],
      ...["--xml", await from.file("live.xml", live)],
      ...["--persistent-xml", await from.file("whole.xml", whole)],
      ...["--migrateuri", `tcp://127.0.0.1:${port}`, "--disks-port", `${port + 1}`],
      ...["--listen-address", "127.0.0.1"],
    ];
    const callOff = () => {
      void abortJob(uri, domain);
      isLate = setTimeout(() => ended.abort(call.signal.reason), endLimitMs);
    };
    call.signal.addEventListener("abort", callOff, { once: true });
    const told = tellProgress(from, domain, name, place.name, call, ended.signal);
    try {
      await from.run(command);
    } catch (error) {
      // Its last step may have been done, though nobody heard of it.
      if (!(await hasArrived(place.uri, domain))) throw call.signal.aborted ? call.signal.reason : error;
      await endMigrated(uri, domain);
    } finally {
      call.signal.removeEventListener("abort", callOff);
      clearTimeout(isLate);
      ended.abort();
      await told;
    }
  });
}

/** A machine that went on elsewhere, and whose end here nobody saw to: libvirt keeps it, paused, until somebody does. */
export async function endMigrated(uri: string, domain: string): Promise<void> {
  await Libvirt.with(uri, AbortSignal.timeout(endLimitMs), async (from) => {
    const state = await from.find(["domstate", domain, "--reason"]);
    if (state === "paused (migrating)") await from.run(["destroy", domain]);
  });
}

async function abortJob(uri: string, domain: string): Promise<void> {
  await Libvirt.with(uri, AbortSignal.timeout(endLimitMs), (libvirt) =>
    libvirt.run(["domjobabort", domain]),
  ).catch(() => {});
}

/** Whether a machine runs at a place, whole. */
async function hasArrived(uri: string, domain: string): Promise<boolean> {
  return Libvirt.with(uri, AbortSignal.timeout(endLimitMs), async (libvirt) => {
    const xml = await libvirt.find(["dumpxml", "--inactive", domain]);
    return xml !== undefined && moveOf(xml) === "arrived" && (await powerOf(libvirt, domain)) === "running";
  });
}

async function tellProgress(
  libvirt: Libvirt,
  domain: string,
  name: string,
  place: string,
  call: Pick<Call<unknown>, "status">,
  ended: AbortSignal,
): Promise<void> {
  for (;;) {
    await delay(tellMs, undefined, { signal: ended }).catch(() => {});
    if (ended.aborted) return;
    const percent = percentOf(await libvirt.run(["domjobinfo", domain]).catch(() => ""));
    if (percent !== undefined && !ended.aborted)
      call.status(`${name}: its disks and memory go to ${place} while it runs, ${percent} %`);
  }
}

/** How much of a job is done, by `virsh domjobinfo`. */
export function percentOf(info: string): number | undefined {
  const bytes = (field: string) => {
    const [, count, unit] = new RegExp(`^${field}:\\s+([\\d.]+) (\\w+)`, "m").exec(info) ?? [];
    return Number(count) * 1024 ** Math.max(0, ["B", "KiB", "MiB", "GiB", "TiB"].indexOf(unit ?? ""));
  };
  const [done, total] = [bytes("Data processed"), bytes("Data total")];
  return total > 0 && done <= total ? Math.floor((100 * done) / total) : undefined;
}

async function capacity(libvirt: Libvirt, path: string): Promise<number> {
  const pool = await libvirt.run(["vol-pool", path]);
  const size = await volumeSize(libvirt, { pool, name: basename(path) });
  if (size === undefined) throw new Error(`the disk ${path} is not in pool "${pool}" any more`);
  return size;
}
