import type { Libvirt } from "../../virsh/libvirt.js";

/** A guest that takes longer has something that does not come to rest; it must not stand still for long. */
const freezeLimitMs = 20_000;
const thawLimitMs = 60_000;
const agentSeconds = 10;

/** Brings a guest's file systems to rest, through its agent. @throws with the reason where that can't be; nothing stays frozen then */
export async function freeze(libvirt: Libvirt, domain: string, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(freezeLimitMs)]);
  // The freezing itself has no limit of its own in libvirt, so that nobody is there is found out first.
  await libvirt.askAgent(domain, { execute: "guest-ping" }, agentSeconds);
  try {
    await libvirt.run(["domfsfreeze", domain], limit);
  } catch (error) {
    await thaw(libvirt, domain).catch(() => {});
    throw error;
  }
}

/** Lets a guest's file systems go on. Harmless where they are not at rest. */
export async function thaw(libvirt: Libvirt, domain: string): Promise<void> {
  // Of its own limit: whatever ended the operation, the guest must not stay frozen.
  await libvirt.run(["domfsthaw", domain], AbortSignal.timeout(thawLimitMs));
}
