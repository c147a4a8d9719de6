import { Libvirt } from "../../providers/virsh/libvirt.js";
import { UserError } from "../say.js";
import { checkSource } from "./checkSource.js";
import { checkTarget, type Found, requireParts } from "./checkTarget.js";
import type { Move } from "./cutOver.js";

const limitMs = 2 * 60_000;

/** Where a machine is. */
export interface Surveyed {
  readonly runsHere: boolean;
  readonly there: Found;
}

/**
 * Looks at both hypervisors.
 *
 * @param prepared whether an update has brought to the target what the machine starts from
 * @throws UserError with what stands in the way
 */
export async function survey({ source, inputs, place }: Move, prepared: boolean): Promise<Surveyed> {
  const signal = AbortSignal.timeout(limitMs);
  const { domain, name } = source;
  return Libvirt.with(source.uri, signal, (from) =>
    Libvirt.with(place.uri, signal, async (to) => {
      const { xml, power } = await checkSource(from, domain, inputs, signal);
      // A hypervisor that is new in the stack's file has none before the first update.
      const isNew = !prepared && (await to.find(["pool-uuid", place.pool])) === undefined;
      const there = isNew ? "nothing" : await checkTarget(from, to, { domain, xml, inputs, place });
      if (prepared) await requireParts(to, inputs, place);
      // A migration that was cut off in its last step has it paused here.
      if (power === "paused" && there !== "machine") {
        throw new UserError(
          `${name} is paused. Have it go on ("virsh -c ${from.uri} resume ${domain}"), and move it then.`,
        );
      }
      if (power === "running" && there === "machine") {
        throw new UserError(
          `${name} runs at ${source.uri} and on "${place.name}", at ${place.uri}. Look which of the two has what you need, shut the other one down ("virsh shutdown ${domain}"), and move it again.`,
        );
      }
      return { runsHere: power === "running", there };
    }),
  );
}
