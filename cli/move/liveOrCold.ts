import { isSsh } from "@berth/components/libvirtUri";
import type { DomainInputs } from "../../providers/berth/domain/types.js";
import { hostFacts } from "../../providers/berth/template/fingerprint.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import type { Move } from "./cutOver.js";

/** `live`: while it runs, or an error; `cold`: shut down and started again; `auto`: live where that can be. */
export const moveModes = ["auto", "live", "cold"] as const;
export type MoveMode = (typeof moveModes)[number];

/** How a machine moves, and why not live. */
export type Transfer = { readonly live: true } | { readonly live: false; readonly because: string };

/** What decides it. */
export interface MoveFacts {
  readonly runs: boolean;
  readonly type: DomainInputs["type"];
  readonly firmware: NonNullable<DomainInputs["firmware"]>;
  readonly keepsAddress: boolean;
  readonly from: HostFacts;
  readonly to: HostFacts & { readonly type: DomainInputs["type"] };
}

export interface HostFacts {
  readonly uri: string;
  /** What libvirt calls the machine that it runs on, by name and by number. */
  readonly hostname: string;
  readonly uuid: string;
  /** The same for two hypervisors between which a machine that runs can go. */
  readonly fits: string;
}

/** Pure: what is known of the two hypervisors decides. */
export function liveOrCold(mode: MoveMode, facts: MoveFacts): Transfer {
  const { from, to } = facts;
  const cold = (because: string): Transfer => ({ live: false, because });
  if (mode === "cold") return cold('"--mode" says so');
  if (!facts.runs) return cold("it does not run");
  if (!facts.keepsAddress) return cold("it gets another address");
  if (facts.firmware === "uefi")
    return cold("it starts by UEFI, whose variables are a file that stays behind");
  if (facts.type !== to.type) return cold(`it runs by "${facts.type}", and would there by "${to.type}"`);
  if (!isSsh(from.uri) && !isSsh(to.uri)) {
    return cold("neither hypervisor is reached by SSH, through which its memory would go");
  }
  if (from.hostname === to.hostname || from.uuid === to.uuid) {
    return cold(`libvirt takes both hypervisors for the same host, "${from.hostname}" (${from.uuid})`);
  }
  if (from.fits !== to.fits) return cold("libvirt, QEMU or the processor is another there");
  return { live: true };
}

export async function moveFacts(
  { source, inputs, place, addresses }: Move,
  runs: boolean,
  signal: AbortSignal,
): Promise<MoveFacts> {
  const host = (uri: string) => Libvirt.with(uri, signal, (libvirt) => askHost(libvirt, inputs));
  const [from, to] = await Promise.all([host(source.uri), host(place.uri)]);
  const { type, firmware = "bios" } = inputs;
  return {
    ...{ runs, type, firmware, keepsAddress: addresses === undefined },
    from,
    to: { ...to, type: place.type },
  };
}

async function askHost(libvirt: Libvirt, { type, machine }: DomainInputs): Promise<HostFacts> {
  const capabilities = await libvirt.run(["capabilities"]);
  return {
    uri: libvirt.uri,
    hostname: await libvirt.run(["hostname"]),
    uuid: /<uuid>([^<]+)</.exec(capabilities)?.[1] ?? "",
    fits: await hostFacts(libvirt, type, machine),
  };
}
