import type { Call } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import { shutDown } from "./shutDown.js";
import type { Power, Stop } from "./types.js";

/** Brings a domain that is defined into a state, and tells how it was shut off where that was to be done. */
export async function setPower(
  libvirt: Libvirt,
  domain: string,
  power: Power,
  { name, graceMs }: { readonly name: string; readonly graceMs: number },
  call: Call<unknown>,
): Promise<Stop | undefined> {
  const found = await powerOf(libvirt, domain);
  if (found === power) return undefined;
  if (power === "stopped") return shutDown(libvirt, domain, { name, graceMs }, call);
  if (found === "stopped") {
    call.status(`starting ${name}`);
    await libvirt.run(["start", domain, ...(power === "paused" ? ["--paused"] : [])]);
  } else {
    await libvirt.run([power === "paused" ? "suspend" : "resume", domain]);
  }
  return undefined;
}
