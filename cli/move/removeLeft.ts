import type { HypervisorSpec } from "@berth/components/topology";
import { isOn } from "../../providers/berth/domain/power.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import { powerOf } from "../../providers/virsh/powerOf.js";
import { UserError } from "../say.js";
import { removeFrom } from "./cutOver.js";
import type { MovePlan } from "./planMove.js";
import { removeStaged } from "./stagedDisk.js";

const limitMs = 10 * 60_000;

/**
 * Removes what a move has left of a machine that is where it was to be: on that hypervisor what was on its way, on the others the
 * machine too, where it does not run.
 *
 * @returns names of the hypervisors on which the machine still was
 * @throws UserError where it is not there: what is elsewhere may be all that there is of it
 */
export async function removeLeft(
  { spec, domain, inputs, to }: MovePlan,
  others: readonly HypervisorSpec[],
): Promise<string[]> {
  await Libvirt.with(to.uri, AbortSignal.timeout(limitMs), async (libvirt) => {
    if ((await powerOf(libvirt, domain)) === "absent") {
      throw new UserError(
        `machine "${spec.name}" is not on "${to.name}", where the stack's state has it. "pulumi up --refresh" looks, and makes what is missing.`,
      );
    }
    await removeStaged(libvirt, to.pool.name, domain);
  });
  const left: string[] = [];
  for (const { name, uri, pool } of others) {
    await Libvirt.with(uri, AbortSignal.timeout(limitMs), async (libvirt) => {
      // A hypervisor that is new in the stack's file has no pool before the next update.
      if ((await libvirt.find(["pool-uuid", pool.name])) === undefined) return;
      const power = await powerOf(libvirt, domain);
      if (power === "absent" || isOn(power)) return;
      await removeFrom(libvirt, pool.name, domain, inputs);
      left.push(name);
    });
  }
  return left;
}
