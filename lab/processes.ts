import { readdirSync, readFileSync, statSync } from "node:fs";

/** A running process, as seen from this process's PID namespace. */
export interface ProcessInfo {
  pid: number;
  /** The program's name, at most 15 characters. */
  name: string;
  /** Its PID in its own PID namespace. */
  innerPid: number;
  /** How many PID namespaces below ours its own is. */
  depth: number;
  /** The namespace's identity. */
  net: string;
  pidns: string;
}

/** All processes that can be looked at; those that end meanwhile are left out. */
export function processes(): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const entry of readdirSync("/proc")) {
    if (/^\d+$/.test(entry)) {
      const info = inspect(Number(entry));
      if (info) {
        found.push(info);
      }
    }
  }
  return found;
}

function inspect(pid: number): ProcessInfo | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const inner = /^NSpid:\t(.*)$/m.exec(status)?.[1]?.split("\t").map(Number) ?? [pid];
    return {
      pid,
      name: /^Name:\t(.*)$/m.exec(status)?.[1] ?? "",
      innerPid: inner.at(-1) ?? pid,
      depth: inner.length - 1,
      net: namespaceId(`/proc/${pid}/ns/net`) ?? "",
      pidns: namespaceId(`/proc/${pid}/ns/pid`) ?? "",
    };
  } catch {
    return undefined;
  }
}

/** What tells one namespace from another, or undefined where there is none at this path. */
export function namespaceId(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** PID of the parent, or 0 where there is none or the process is gone. */
export function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
