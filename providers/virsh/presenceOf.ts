import { Libvirt } from "./libvirt.js";
import { powerOf } from "./powerOf.js";
import { volumeSize } from "./volumeSize.js";

/** Which domain a machine is; its root disk tells one that was undefined from one that is gone. */
export interface DomainRef {
  readonly uri: string;
  readonly uuid: string;
  readonly pool: string;
  readonly volume: string;
}

/** Whether a machine can answer, in libvirt's words. `off`: it can't, and what is on its disk is there. */
export interface Presence {
  readonly is: "on" | "off" | "gone";
  readonly words: string;
}

/** @throws where libvirt does not answer: nothing is known of the machine then */
export async function presenceOf(
  { uri, uuid, pool, volume }: DomainRef,
  signal: AbortSignal,
): Promise<Presence> {
  return Libvirt.with(uri, signal, async (libvirt) => {
    const power = await powerOf(libvirt, uuid);
    if (power === "running") return { is: "on", words: "it runs" };
    if (power === "paused") return { is: "off", words: "it is paused" };
    if (power === "stopped") return { is: "off", words: "it is shut off" };
    return (await volumeSize(libvirt, { pool, name: volume })) === undefined
      ? { is: "gone", words: "it is gone, with its disk" }
      : { is: "off", words: "it is not defined any more, and its disk is there" };
  });
}
