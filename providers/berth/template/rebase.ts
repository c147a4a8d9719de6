import { execFile } from "node:child_process";
import { promisify } from "node:util";

const limitMs = 60_000;

/** Makes a qcow2 file a clone of the same content at another path; nothing but its head is written. */
export async function rebase(file: string, base: string): Promise<void> {
  try {
    await promisify(execFile)("qemu-img", ["rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", base, file], {
      timeout: limitMs,
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw error;
    throw new Error(`qemu-img is not installed ("apt-get install qemu-utils"): ${message}`, { cause: error });
  }
}
