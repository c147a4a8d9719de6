import { readdirSync, readFileSync } from "node:fs";
import type { Lab } from "../../lab/index.js";

/** PID of the QEMU process of a lab's domain, as this machine sees it. @throws where there is none */
export function pidOf(lab: Pick<Lab, "id">, domain: string): number {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      if (!words[0]?.includes("qemu-system")) continue;
      if (!words.some((word) => word.startsWith(`guest=${domain},`))) continue;
      if (readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(`berth-${lab.id}`)) return Number(pid);
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error(`no QEMU process runs the domain ${domain}`);
}
