import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** The lab that a checkout's folder has on record. */
export function readLab(home: string): {
  id: string;
  netns: string;
  libvirtUri: string;
  dockerHost: string;
} {
  return JSON.parse(readFileSync(join(home, "lab.json"), "utf8"));
}

/** What is still there of a lab: namespace, folders, mounts, and processes that name it or run in its network. */
export function remainsOf(id: string): string[] {
  const places = [`/run/netns/berth-${id}`, `/var/lib/berth/${id}`, `/run/berth/${id}`].filter(existsSync);
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(id));
  const processes = readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
      return command.includes(`berth/${id}`) || command.includes(`berth-${id}`) ? [`${pid} ${command}`] : [];
    });
  return [...places, ...mounts, ...processes];
}

/** Processes whose network namespace has this inode: the number of the lab's is taken while it stands. */
export function processesIn(inode: number): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/net`) === `net:[${inode}]`;
    } catch {
      return false;
    }
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
