import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const folder = "/sys/kernel/mm/ksm";
const limitMs = 180_000;
const scans = 3;

const get = (name: string) => Number(readFileSync(`${folder}/${name}`, "utf8"));
const set = (name: string, value: number) => writeFileSync(`${folder}/${name}`, `${value}`);

/** Has the kernel keep equal pages of all machines once (KSM), for as long as `use` runs. Gives the processor's seconds that it took to find them. */
export async function mergePages<T>(use: (ksmSeconds: number) => Promise<T>): Promise<T> {
  const before = ["run", "pages_to_scan", "sleep_millisecs"].map((name) => [name, get(name)] as const);
  try {
    const began = processorSeconds();
    set("pages_to_scan", 10_000);
    set("sleep_millisecs", 10);
    set("run", 1);
    const [start, since] = [get("full_scans"), Date.now()];
    while (get("full_scans") < start + scans) {
      if (Date.now() - since > limitMs)
        throw new Error(`KSM did not read all memory ${scans} times within ${limitMs} ms`);
      await delay(200);
    }
    return await use(processorSeconds() - began);
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}

/** Of the kernel's thread that does it. */
function processorSeconds(): number {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (nameOf(pid) !== "ksmd") continue;
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }
  throw new Error("this kernel has no KSM");
}

function nameOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return undefined; // It has ended.
  }
}
