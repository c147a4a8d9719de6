import type { Call } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import { freeze, thaw } from "./freeze.js";
import type { Consistency, MachineRef } from "./types.js";

/** A machine that stands still, and what its disks can be relied on for meanwhile. */
export interface Still {
  readonly machine: MachineRef;
  readonly libvirt: Libvirt;
  readonly power: "running" | "stopped" | "paused";
  readonly consistency: Consistency;
}

interface Held extends Still {
  readonly release: () => Promise<void>;
}

const resumeLimitMs = 30_000;

/**
 * Has machines stand still, all at one time, while `work` is done, and go on after it, whatever becomes of it. A running one is
 * frozen by its guest agent, or, with its memory or where no agent answers, paused.
 */
export async function standStill<T>(
  machines: readonly { readonly machine: MachineRef; readonly libvirt: Libvirt }[],
  { memory }: { readonly memory: boolean },
  call: Pick<Call<unknown>, "signal" | "log">,
  work: (still: readonly Still[]) => Promise<T>,
): Promise<T> {
  const tries = await Promise.allSettled(
    machines.map(({ machine, libvirt }) => hold(machine, libvirt, memory, call)),
  );
  const held = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  try {
    const failed = tries.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return await work(held);
  } finally {
    const ends = await Promise.allSettled(held.map(({ release }) => release()));
    for (const [index, end] of ends.entries()) {
      if (end.status === "fulfilled") continue;
      const { machine } = held[index]!;
      call.log(
        "error",
        `${machine.name} may still stand still: ${(end.reason as Error).message}. Try "virsh domfsthaw ${machine.name}", then "virsh resume ${machine.name}".`,
      );
    }
  }
}

async function hold(
  machine: MachineRef,
  libvirt: Libvirt,
  memory: boolean,
  call: Pick<Call<unknown>, "signal" | "log">,
): Promise<Held> {
  const { name, domain } = machine;
  const power = await powerOf(libvirt, domain);
  if (power === "absent") throw new Error(`${name} is not there: ${libvirt.uri} has no domain ${domain}.`);
  const nothing = async () => {};
  const base = { machine, libvirt, power };
  if (power === "stopped") return { ...base, consistency: "off", release: nothing };
  if (power === "paused") return { ...base, consistency: memory ? "memory" : "crash", release: nothing };
  if (!memory) {
    try {
      await freeze(libvirt, domain, call.signal);
      return { ...base, consistency: "frozen", release: () => thaw(libvirt, domain) };
    } catch (error) {
      call.signal.throwIfAborted();
      call.log(
        "warning",
        `${name}: its file systems could not be frozen, so they are caught as a power cut would leave them: ${(error as Error).message}`,
      );
    }
  }
  await libvirt.run(["suspend", domain]);
  const release = async () => {
    await libvirt.run(["resume", domain], AbortSignal.timeout(resumeLimitMs));
  };
  return { ...base, consistency: memory ? "memory" : "crash", release };
}
