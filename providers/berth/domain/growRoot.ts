import type { Call } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import { quote, script } from "../engine/shell.js";
import { GuestAgent } from "./guestAgent.js";
import { isOn } from "./power.js";
import type { DomainInputs } from "./types.js";

const growLimitMs = 60_000;

/** The partition where the file system is on one, then the file system. */
export function growScript(path: string): string {
  return script(
    "set -eu",
    `device=$(readlink -f "$(findmnt -n -o SOURCE ${quote(path)})")`,
    "block=/sys/class/block/${device##*/}",
    // A SCSI disk is measured anew when it is told to.
    '[ ! -w "$block/device/rescan" ] || echo 1 >"$block/device/rescan"',
    'if [ -e "$block/partition" ]; then',
    '  disk=/dev/$(basename "$(dirname "$(readlink -f "$block")")")',
    // Exit code 1: it has the whole disk already.
    '  growpart "$disk" "$(cat "$block/partition")" || [ $? -eq 1 ]',
    "fi",
    `exec /lib/systemd/systemd-growfs ${quote(path)}`,
  );
}

export interface Growth {
  /** The machine's, for messages. */
  readonly name: string;
  readonly pool: string;
  readonly volume: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Folder in the guest whose file system grows with it. None: what is on the disk is the guest's business. */
  readonly mount?: string | undefined;
}

export function growRoot(
  libvirt: Libvirt,
  domain: string,
  { name, root }: DomainInputs,
  path: string,
  call: Call<unknown>,
): Promise<void> {
  const { pool, name: volume, size } = root;
  return growDisk(libvirt, domain, { name, pool, volume, path, size, mount: "/" }, call);
}

/** The disk; the guest's file system follows at once, or at its next start where the guest agent does not answer. */
export async function growDisk(
  libvirt: Libvirt,
  domain: string,
  { name, pool, volume, path, size, mount }: Growth,
  call: Call<unknown>,
): Promise<void> {
  const power = await powerOf(libvirt, domain);
  if (!isOn(power)) {
    await libvirt.run(["vol-resize", "--pool", pool, volume, `${size}B`]);
    return;
  }
  await libvirt.run(["blockresize", domain, path, `${size}B`]);
  await libvirt.run(["pool-refresh", pool]);
  if (mount === undefined) return;
  try {
    if (power === "paused") throw new Error("the machine is paused");
    const { code, stderr } = await new GuestAgent(libvirt, domain, call.signal).run(
      growScript(mount),
      growLimitMs,
    );
    if (code !== 0) throw new Error(stderr.trim() || `exit code ${code}`);
  } catch (error) {
    call.signal.throwIfAborted();
    call.log(
      "warning",
      `${name}: the disk has grown, and its file system will at the next start: ${(error as Error).message}`,
    );
  }
}
