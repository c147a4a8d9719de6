import type { Container } from "dockerode";

export interface Worker {
  readonly pid: number;
  /** Seconds since its start. */
  readonly age: number;
}

/** The worker processes of the HAProxy master that is a container's first process, youngest first. */
export async function haproxyWorkers(container: Container): Promise<Worker[]> {
  const { Titles, Processes } = (await container.top({ ps_args: "-eo pid,ppid,etimes,args" })) as {
    Titles: string[];
    Processes: string[][];
  };
  return workersOf(Titles, Processes);
}

/** Picks the workers out of a process table: those whose parent is in the container too. */
export function workersOf(titles: readonly string[], processes: readonly (readonly string[])[]): Worker[] {
  const column = (name: string) => titles.indexOf(name);
  const [pid, parent, elapsed, command] = ["PID", "PPID", "ELAPSED", "COMMAND"].map(column) as [
    number,
    number,
    number,
    number,
  ];
  const rows = processes.map((row) => ({
    pid: Number(row[pid]),
    parent: Number(row[parent]),
    age: Number(row[elapsed]),
    isHaproxy: /^(\S*\/)?haproxy(\s|$)/.test(row[command] ?? ""),
  }));
  const pids = new Set(rows.map((row) => row.pid));
  return rows
    .filter((row) => row.isHaproxy && pids.has(row.parent))
    .map(({ pid: number, age }) => ({ pid: number, age }))
    .sort((one, other) => one.age - other.age);
}
