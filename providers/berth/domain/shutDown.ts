import { setTimeout as delay } from "node:timers/promises";
import { type Call, formatDuration } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import { cutPower, isOn } from "./power.js";
import type { Stop } from "./types.js";

const pollMs = 300;

/**
 * Has the guest shut itself down: asks its agent; where that does not answer or half of the time has passed, presses the power
 * button; at the end cuts the power. Says in the log which it was.
 *
 * @returns how it ended; `undefined` where it did not run
 */
export async function shutDown(
  libvirt: Libvirt,
  domain: string,
  { name, graceMs }: { readonly name: string; readonly graceMs: number },
  call: Call<unknown>,
): Promise<Stop | undefined> {
  const found = await powerOf(libvirt, domain);
  if (!isOn(found)) return undefined;
  // A guest that is paused does nothing, its own shutdown included.
  if (found === "paused") await libvirt.run(["resume", domain]);
  const began = performance.now();
  const ended = async (limitMs: number, giveUp = () => false) => {
    while (isOn(await powerOf(libvirt, domain))) {
      if (performance.now() - began > limitMs || giveUp()) return false;
      await delay(pollMs, undefined, { signal: call.signal });
    }
    return true;
  };

  call.status(`waiting for ${name} to shut itself down, asked by its guest agent`);
  const agent = askAgent(libvirt, domain, graceMs / 2, call.signal);
  if (await ended(graceMs / 2, agent.refused)) return said("agent", name, call);

  call.status(`waiting for ${name} to shut itself down, by its power button`);
  try {
    await libvirt.run(["shutdown", domain, "--mode", "acpi"]);
  } catch (error) {
    if (isOn(await powerOf(libvirt, domain))) throw error;
  }
  if (await ended(graceMs)) return said("acpi", name, call);

  await cutPower(libvirt, domain);
  call.log(
    "warning",
    `${name} did not shut itself down within ${formatDuration(graceMs)}, neither for its guest agent nor for its power button: its power was cut`,
  );
  return "forced";
}

/** libvirt waits for the guest's end with this, and so it is not waited for here. */
function askAgent(libvirt: Libvirt, domain: string, limitMs: number, signal: AbortSignal) {
  let refused = false;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  libvirt.run(["shutdown", domain, "--mode", "agent"], limit).catch((error: Error) => {
    // It ends with the guest that it shuts down, which libvirt takes for a failure.
    refused = !/disappeared/.test(error.message);
  });
  return { refused: () => refused };
}

function said(stop: Stop, name: string, call: Call<unknown>): Stop {
  call.log(
    "info",
    `${name} shut itself down, asked by its ${stop === "agent" ? "guest agent" : "power button"}`,
  );
  return stop;
}
