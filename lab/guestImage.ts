import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { cached } from "../toolchain/cache.js";
import type { Log } from "../toolchain/lock.js";
import { runCommand } from "../toolchain/runCommand.js";
import { bootstrapDebian } from "./bootstrapDebian.js";
import { contentKey } from "./contentKey.js";
import type { GuestForm } from "./guestForms.js";
import { labFile } from "./labFile.js";
import { requireSpace } from "./requireSpace.js";

/** What `image.json` says of a guest image; file names are relative to it. */
export interface GuestImageManifest {
  name: string;
  /** A qcow2 disk without a partition table: one ext4 file system, which grows to the disk's size at boot. */
  disk: string;
  kernel: string;
  initrd: string;
  /** What the kernel must be started with. */
  cmdline: string;
  /** SHA-256 of the disk, in hexadecimal; likewise of the other two. */
  sha256: string;
  kernelSha256: string;
  initrdSha256: string;
  /** The disk's size as the guest sees it, in bytes. */
  size: number;
  docker: boolean;
  /** Versions of all Debian packages in it, by name. */
  packages: Record<string, string>;
}

const DISK_BYTES = 4 * 1024 ** 3;
/** What a build takes at most: the root file system, the raw disk and the qcow2 disk. */
const BUILD_BYTES = 3 * 1024 ** 3;
/** The same in each build, so that the same packages make the same disk. */
const FILE_SYSTEM_UUID = "be47b001-0000-4000-8000-000000000001";
const CMDLINE = [
  "root=LABEL=berth-root",
  "rw",
  "console=ttyS0",
  // The console is slow and is read after failures: errors only.
  "quiet",
  "loglevel=4",
  "systemd.show_status=error",
  "net.ifnames=0",
  // Emulated processors have no speculation to be protected from.
  "mitigations=off",
  "cryptomgr.notests",
  "random.trust_cpu=on",
  "nowatchdog",
].join(" ");

/**
 * The folder of a guest image in the cache, built where it is missing (about 90 s).
 * @param sources apt's sources list, which the image also gets
 */
export async function guestImage(
  form: GuestForm,
  { cacheDir, sources, log }: { cacheDir: string; sources: string; log: Log },
): Promise<string> {
  const key = await contentKey(
    [JSON.stringify(form), sources, CMDLINE, String(DISK_BYTES)],
    [labFile("guest")],
  );
  return cached(
    cacheDir,
    `guest-${form.name}`,
    key,
    async (folder) => {
      await requireSpace(cacheDir, BUILD_BYTES, `building the guest image ${form.name}`);
      log(`Building the guest image ${form.name} from Debian packages (1 to 3 min)`);
      await buildGuest(form, folder, sources);
    },
    log,
  );
}

async function buildGuest(form: GuestForm, folder: string, sources: string): Promise<void> {
  const root = join(folder, "root");
  const logFile = join(dirname(folder), "log", `guest-${form.name}.log`);
  await bootstrapDebian({
    target: root,
    sources,
    packages: form.packages,
    customize: [`sh '${labFile("guest/customize.sh")}' "$1"`],
    logFile,
  });
  const raw = join(folder, "disk.raw");
  await writeFile(raw, "");
  await truncate(raw, DISK_BYTES);
  await runCommand(
    "mkfs.ext4",
    [
      ...["-q", "-F", "-L", "berth-root", "-U", FILE_SYSTEM_UUID, "-m", "1", "-d", root],
      ...["-E", `hash_seed=${FILE_SYSTEM_UUID},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0`, raw],
    ],
    { limitMs: 5 * 60_000, env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` } },
  );
  const disk = join(folder, "disk.qcow2");
  await runCommand("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, disk], { limitMs: 5 * 60_000 });
  await copyFile(join(root, "boot/berth/vmlinuz"), join(folder, "vmlinuz"));
  await copyFile(join(root, "boot/berth/initrd.img"), join(folder, "initrd.img"));
  const manifest: GuestImageManifest = {
    name: form.name,
    disk: "disk.qcow2",
    kernel: "vmlinuz",
    initrd: "initrd.img",
    cmdline: CMDLINE,
    sha256: await sha256(disk),
    kernelSha256: await sha256(join(folder, "vmlinuz")),
    initrdSha256: await sha256(join(folder, "initrd.img")),
    size: (await stat(raw)).size,
    docker: form.docker,
    packages: await packageVersions(root),
  };
  await writeFile(join(folder, "image.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(raw);
  await rm(root, { recursive: true });
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function packageVersions(root: string): Promise<Record<string, string>> {
  const format = "${Package} ${Version}\\n";
  const listing = await runCommand(
    "dpkg-query",
    ["--admindir", join(root, "var/lib/dpkg"), "-W", "-f", format],
    {
      limitMs: 30_000,
    },
  );
  return Object.fromEntries(
    listing
      .trim()
      .split("\n")
      .map((line) => line.split(" ") as [string, string]),
  );
}
