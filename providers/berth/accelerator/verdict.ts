import type { DomainType } from "./probeDomain.js";

/** How the probe's guest ended. `ms` counts from its start. */
export type Outcome =
  | { readonly kind: "ran"; readonly ms: number }
  | { readonly kind: "reset"; readonly ms: number }
  | { readonly kind: "hung"; readonly ms: number }
  | { readonly kind: "refused"; readonly words: string };

/** What guests run on, given how one under KVM ended, and why in a sentence. */
export function verdict(outcome: Outcome): { type: DomainType; reason: string } {
  const instead = "so guests run on QEMU's own emulation, which is many times slower.";
  switch (outcome.kind) {
    case "ran":
      return { type: "kvm", reason: `a guest kernel ran under KVM (${seconds(outcome.ms)}).` };
    case "reset":
      return {
        type: "qemu",
        reason: `a guest under KVM was gone after ${seconds(outcome.ms)}, before its kernel can have run, ${instead}`,
      };
    case "hung":
      return {
        type: "qemu",
        reason: `a guest kernel hung under KVM (not at its end after ${seconds(outcome.ms)}), ${instead}`,
      };
    case "refused":
      return {
        type: "qemu",
        reason: `libvirt refused to start a guest under KVM (${outcome.words}), ${instead}`,
      };
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
