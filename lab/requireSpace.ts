import { statfs } from "node:fs/promises";

/**
 * @param folder one that exists
 * @param doing for the error: "building the guest image debian-12"
 * @throws where the folder's file system has less space than that for this user
 */
export async function requireSpace(folder: string, bytes: number, doing: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes) {
    const mib = (count: number): string => `${Math.floor(count / 1024 ** 2)} MiB`;
    throw new Error(
      `No space for ${doing}: ${folder} has ${mib(free)} free, and it takes ${mib(bytes)}. ` +
        "Make room, or name a folder elsewhere in BERTH_CACHE.",
    );
  }
}
