import { createHash } from "node:crypto";
import { type ResourceHandler, unknown } from "../kit/index.js";
import { probe } from "./accelerator/probe.js";
import type { DomainType } from "./accelerator/probeDomain.js";
import { verdict } from "./accelerator/verdict.js";
import { Mistakes } from "./mistakes.js";

export interface AcceleratorInputs {
  readonly uri: string;
  readonly accelerator: "auto" | DomainType;
  readonly kernel?: string;
}

export interface AcceleratorState {
  readonly type: DomainType;
  readonly reason: string;
}

/** A stock kernel under KVM is at its end, its delay included, after some 5 s; the rest is for a busy machine. */
const limitMs = 18_000;

/** What a hypervisor's guests run on. Probed once: a refresh does not start a guest again. */
export const accelerator: ResourceHandler<AcceleratorInputs, AcceleratorState, unknown> = {
  replaceOn: ["uri", "accelerator"],
  computed: ["type", "reason"],
  timeouts: { create: 3 * 60_000 },

  check(inputs) {
    const mistakes = new Mistakes();
    mistakes.text("uri", inputs.uri, 'a libvirt connection URI such as "qemu:///system"');
    const choice: unknown = inputs.accelerator ?? "auto";
    const known = choice === "auto" || choice === "kvm" || choice === "qemu";
    if (choice !== unknown && !known) {
      mistakes.add("accelerator", `is ${JSON.stringify(choice)}; expected "auto", "kvm" or "qemu"`);
    }
    if (
      choice === "auto" &&
      mistakes.text(
        "kernel",
        inputs.kernel,
        'a Linux kernel\'s path, which "auto" starts; without one, set "accelerator" to "kvm" or "qemu"',
      )
    ) {
      if (!inputs.kernel?.startsWith("/")) {
        mistakes.add("kernel", `is "${inputs.kernel}"; expected an absolute path on the hypervisor`);
      }
    }
    return {
      inputs: { ...inputs, accelerator: choice as AcceleratorInputs["accelerator"] },
      failures: mistakes.failures,
    };
  },

  async create({ uri, accelerator: choice, kernel }, call) {
    if (choice !== "auto") return { id: uri, state: { type: choice, reason: `set to ${choice}.` } };
    if (!kernel) throw new Error(`accelerator of ${uri}: "auto" needs "kernel".`);
    const request = { uri, kernel, name: probeName(call.urn, uri), type: "kvm", limitMs } as const;
    const state = verdict(await probe(request, call.signal, (text) => call.status(text)));
    call.log("info", `${state.type}: ${state.reason}`);
    return { id: uri, state };
  },

  async read(id, state, inputs) {
    if (!state || !inputs) throw new Error(`accelerator ${id}: it is probed, not imported.`);
    return { id, state, inputs };
  },

  async update({ state }) {
    return state;
  },

  async delete() {},
};

/** The same for each try of the same resource, so that what a killed try left is found; other projects get another. */
function probeName(urn: string, uri: string): string {
  const seed = [urn, uri, process.env["BERTH_HOME"] ?? process.cwd()].join("\n");
  return `berth-probe-${createHash("sha256").update(seed).digest("hex").slice(0, 12)}`;
}
