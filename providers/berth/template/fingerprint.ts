import { createHash } from "node:crypto";
import type { Libvirt } from "../../virsh/libvirt.js";
import { shapeOf } from "./manifest.js";
import type { TemplateInputs } from "./types.js";

/** Of the way in which templates are made and forked: another one, and those that there are fit no longer. */
const layout = 8;

/** Names everything that a saved machine depends on: the same text, the same machine. */
export async function fingerprint(libvirt: Libvirt, inputs: TemplateInputs): Promise<string> {
  const { type, machine, image, boot, seedDigest, size } = inputs;
  return shortHash({
    layout,
    host: await hostFacts(libvirt, type, machine),
    image,
    cmdline: boot?.cmdline,
    direct: boot !== undefined,
    seed: seedDigest,
    shape: { ...shapeOf(inputs), size },
  });
}

/** What this process has asked already: the answer takes half a second, and holds as long as libvirtd and QEMU stay what they are. */
const asked = new Map<string, Promise<string>>();

/** The part of it that is the hypervisor's: a machine saved by one is not restored by another. */
export function hostFacts(libvirt: Libvirt, type: "kvm" | "qemu", machine: string): Promise<string> {
  const key = [libvirt.uri, type, machine].join("\n");
  const answer = asked.get(key) ?? askHost(libvirt, type, machine);
  asked.set(key, answer);
  answer.catch(() => asked.delete(key));
  return answer;
}

async function askHost(libvirt: Libvirt, type: "kvm" | "qemu", machine: string): Promise<string> {
  const version = await libvirt.run(["version"]);
  const capabilities = await libvirt.run(["domcapabilities", "--virttype", type, "--machine", machine]);
  return shortHash({
    version,
    // `q35` is whichever version of it this QEMU has.
    canonical: /<machine>([^<]+)</.exec(capabilities)?.[1],
    emulator: /<path>([^<]+)</.exec(capabilities)?.[1],
    // Under KVM the guest sees the hypervisor's own processor.
    cpu: type === "kvm" ? /<mode name='host-model'[\s\S]*?<\/mode>/.exec(capabilities)?.[0] : undefined,
  });
}

function shortHash(facts: unknown): string {
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 20);
}
