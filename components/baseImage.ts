import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A guest's base image: files on the machine that runs the program, uploaded once to a hypervisor's pool. */
export interface BaseImageArgs {
  /** qcow2 or raw file: a path, or a `file:` or `https:` URL, such as of a distribution's cloud image. */
  disk: string;
  /** SHA-256 of `disk`, 64 hexadecimal digits. Changing it: replaces the machines made from the image. */
  sha256: string;
  /** Linux kernel, for a direct kernel boot. Default: the disk boots by its own boot loader. */
  kernel?: string;
  /** SHA-256 of `kernel`; required with it. */
  kernelSha256?: string;
  /** Initial RAM disk that belongs to `kernel`. Default: none. */
  initrd?: string;
  /** SHA-256 of `initrd`; required with it. */
  initrdSha256?: string;
  /** Kernel command line, for a direct kernel boot. Default: empty. */
  cmdline?: string;
  /**
   * What starts its machines: QEMU's SeaBIOS, or `uefi`, which is OVMF without Secure Boot and has to be on the hypervisor (Debian's
   * package `ovmf`). A UEFI machine boots cold. Default `bios`. Changing it: restart.
   */
  firmware?: Firmware;
  /** Docker is in it, with cloud-init, systemd, the QEMU guest agent and perl, so that machines can start as forks. Default false. Changing it: nothing happens to machines that are there. */
  docker?: boolean;
}

export type Firmware = "bios" | "uefi";

/** What an image's builder writes beside its files, as `image.json`; file names are relative to it. */
type Manifest = BaseImageArgs & { readonly name: string };

/**
 * The files of an image that has a manifest, such as those that Berth builds itself.
 *
 * @param path of the `image.json`; a leading `.berth/` stands for the checkout's folder, wherever BERTH_HOME puts it
 * @throws where it can't be read, with what makes it
 */
export function imageFromManifest(path: string): BaseImageArgs {
  const home = process.env["BERTH_HOME"];
  const file =
    home !== undefined && path.startsWith(".berth/") ? join(home, path.slice(".berth/".length)) : path;
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(
      `image manifest ${file} can't be read: ${(error as Error).message}. ` +
        `"npm run setup" builds Berth's own images; for an image of your own, give its disk and sha256.`,
    );
  }
  const beside = (name: string) => join(dirname(file), name);
  const { disk, sha256, kernel, kernelSha256, initrd, initrdSha256, cmdline, firmware, docker } = manifest;
  return {
    disk: beside(disk),
    sha256,
    ...(kernel !== undefined && { kernel: beside(kernel) }),
    ...(kernelSha256 !== undefined && { kernelSha256 }),
    ...(initrd !== undefined && { initrd: beside(initrd) }),
    ...(initrdSha256 !== undefined && { initrdSha256 }),
    ...(cmdline !== undefined && { cmdline }),
    ...(firmware !== undefined && { firmware }),
    ...(docker !== undefined && { docker }),
  };
}
