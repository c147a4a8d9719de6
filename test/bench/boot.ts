import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { pidOf } from "../support/domainProcess.js";
import { Machines, type Made } from "../support/machines.js";
import { bareFork } from "./boot/bareFork.js";
import { bootChart } from "./boot/chart.js";
import { mergePages } from "./boot/mergePages.js";
import { median } from "./support/median.js";
import { onInterrupt } from "./support/onInterrupt.js";

/**
 * How long machines take from nothing until Docker answers in each of them and SSH greets from outside: by a cold boot and as
 * forks, side by side. Usage: `npm run bench:boot -- [--counts 1,2,5,10] [--rounds 3] [--save docs/machine-start]`
 */
const { values } = parseArgs({
  options: {
    counts: { type: "string", default: "1,2,5,10" },
    rounds: { type: "string", default: "3" },
    save: { type: "string" },
  },
});
const counts = values.counts.split(",").map(Number);
const rounds = Number(values.rounds);

export interface Row {
  readonly machines: number;
  readonly way: "cold" | "fork";
  /** Until Docker answers in all of them and all greet; the median of the rounds. */
  readonly seconds: number;
  /** Of all QEMU processes together, shared pages counted once. */
  readonly memoryMiB: number;
  /** Of all root disks together. */
  readonly diskMiB: number;
}

/** Of so many forks it is measured what they have in common. */
const sharing = counts.includes(5) ? 5 : counts.at(-1)!;
let merged: object | undefined;

const machines = await Machines.start();
const settle = onInterrupt(() => machines.stop());
let serial = 0;

/** Ends in the guest as soon as Docker answers: one process, which asks the socket itself and loads nothing for it. */
const dockerAnswers = `exec perl -e '
  for (1 .. 6000) {
    socket(my $s, 1, 1, 0);
    my $answer;
    if (connect($s, pack("Sa*", 1, "/run/docker.sock")) && syswrite($s, "GET /_ping HTTP/1.0\\r\\n\\r\\n")) {
      exit 0 if sysread($s, $answer, 99) && $answer =~ / 200 /;
    }
    select undef, undef, undef, 0.05;
  }
  exit 1'`;

async function measure(
  way: Row["way"],
  count: number,
  template: Awaited<ReturnType<Machines["template"]>>["state"],
): Promise<Row> {
  const inputs = await Promise.all(
    Array.from({ length: count }, () =>
      machines.inputs(`${way}-${++serial}`, way === "fork" ? template : undefined),
    ),
  );
  const began = performance.now();
  const made = await Promise.all(
    inputs.map(async (each) => {
      const one = await machines.make(each);
      await machines.greets(one.address, 600_000);
      await machines.inGuest(each.name, dockerAnswers, 600_000);
      return one;
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const row = { machines: count, way, seconds, memoryMiB: memory(made), diskMiB: await disks(made) };
  if (way === "fork" && count === sharing) {
    await mergePages(async (ksmSeconds) => {
      merged = { machines: count, memoryMiB: row.memoryMiB, mergedMiB: memory(made), ksmSeconds };
    });
  }
  await Promise.all(made.map((one) => machines.remove(one)));
  return row;
}

function memory(made: readonly Made[]): number {
  const kib = made.map(({ inputs }) => {
    const text = readFileSync(`/proc/${pidOf(machines.lab, inputs.name)}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+)/m.exec(text)![1]);
  });
  return Math.round(kib.reduce((sum, one) => sum + one, 0) / 1024);
}

async function disks(made: readonly Made[]): Promise<number> {
  const sizes = await Promise.all(
    made.map(async ({ inputs }) => {
      const info = await machines.virsh("vol-info", "--bytes", "--pool", inputs.root.pool, inputs.root.name);
      return Number(/^Allocation:\s+(\d+)/m.exec(info)![1]);
    }),
  );
  return Math.round(sizes.reduce((sum, one) => sum + one, 0) / 2 ** 20);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  const start = performance.now();
  const template = await machines.template();
  print(
    `template: made in ${((performance.now() - start) / 1000).toFixed(1)} s, kept for all machines of its shape`,
  );
  print("machines  way   until Docker answers  memory   disks");
  const rows: Row[] = [];
  for (const count of counts) {
    // Side by side, so that whatever else the machine does meets both; a large cold start once, as it takes minutes.
    const tries = count > 2 ? 1 : rounds;
    const taken: Record<Row["way"], Row[]> = { cold: [], fork: [] };
    for (let round = 0; round < tries; round++) {
      for (const way of ["fork", "cold"] as const) taken[way].push(await measure(way, count, template.state));
    }
    for (const way of ["cold", "fork"] as const) {
      const row = { ...taken[way].at(-1)!, seconds: median(taken[way].map(({ seconds }) => seconds)) };
      rows.push(row);
      const [memoryText, diskText] = [`${row.memoryMiB} MiB`, `${row.diskMiB} MiB`].map((text) =>
        text.padStart(9),
      );
      print(
        `${String(count).padStart(8)}  ${way}  ${`${row.seconds.toFixed(1)} s`.padStart(20)} ${memoryText}${diskText}`,
      );
    }
  }
  print(`with equal pages merged by KSM: ${JSON.stringify(merged)}`);
  const bare: number[] = [];
  const through: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const inputs = await machines.inputs(`bare-${round}`, template.state);
    bare.push(await bareFork(machines, inputs));
    const began = performance.now();
    const made = await machines.make(await machines.inputs(`through-${round}`, template.state));
    through.push((performance.now() - began) / 1000);
    await machines.remove(made);
  }
  const overhead = median(through) / median(bare);
  print(
    `a fork through Berth ${median(through).toFixed(2)} s, the same by virsh alone ${median(bare).toFixed(2)} s: ratio ${overhead.toFixed(2)} (bar 1.3)`,
  );
  const of = (count: number, way: Row["way"]) =>
    rows.find((row) => row.machines === count && row.way === way);
  const pair = counts.includes(2) ? 2 : counts[0]!;
  const ratio = of(pair, "fork")!.seconds / of(pair, "cold")!.seconds;
  if (values.save !== undefined) {
    const at = resolve(values.save);
    writeFileSync(`${at}.json`, `${JSON.stringify({ rows, merged, overhead, ratio }, null, 2)}\n`);
    writeFileSync(`${at}.svg`, bootChart(rows));
  }
  const ten = of(10, "fork")?.seconds;
  if (ten !== undefined) print(`ten forks ${ten.toFixed(1)} s (bar 20 s on a machine of 2 cores)`);
  print(`fork/cold ${ratio.toFixed(3)}`);
  if (ratio > 0.15 || overhead > 1.3) process.exitCode = 1;
} finally {
  settle();
  await machines.stop();
}
