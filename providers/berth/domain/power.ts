import type { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import type { Power } from "./types.js";

const powerCutLimitMs = 20_000;

/** Ends it at once. Succeeds where it does not run. */
export async function cutPower(libvirt: Libvirt, domain: string): Promise<void> {
  const signal = AbortSignal.timeout(powerCutLimitMs);
  if (!isOn(await powerOf(libvirt, domain, signal))) return;
  try {
    await libvirt.find(["destroy", domain], signal);
  } catch (error) {
    // It ended by itself meanwhile.
    if (isOn(await powerOf(libvirt, domain, signal))) throw error;
  }
}

/** Whether it has memory and processes: a paused machine has. */
export function isOn(power: Power | "absent"): boolean {
  return power === "running" || power === "paused";
}
