import type { Firmware } from "./baseImage.js";

/** `auto`: as a fork where that can be; `fork`: that or an error; `cold`: by a boot. */
export type Start = "auto" | "fork" | "cold";

export interface StartPlan {
  readonly fork: boolean;
  /** Why, for the one who reads the preview. */
  readonly reason: string;
}

/**
 * How a machine will start, from what is known before anything is touched.
 *
 * @param facts.docker whether the image has Docker in it
 * @param facts.shape words for its template's shape, e.g. `1 processor, 1024 MiB`
 * @param facts.added words for what the machine has more than that; none: nothing
 */
export function startPlan(
  start: Start,
  facts: {
    readonly image: string;
    readonly docker: boolean;
    readonly firmware: Firmware;
    readonly uri: string;
    readonly shape: string;
    readonly added: string;
  },
): StartPlan {
  const { image, docker, firmware, uri, shape, added } = facts;
  if (start === "cold") return { fork: false, reason: '"start" is "cold"' };
  if (!docker)
    return { fork: false, reason: `image "${image}" has no Docker in it to have running in a template` };
  if (firmware === "uefi") {
    return {
      fork: false,
      reason: `image "${image}" boots by UEFI, whose variables a template does not have`,
    };
  }
  if (!/^qemu(\+unix)?:\/\/\//.test(uri)) {
    return {
      fork: false,
      reason: `saved machines are files of this machine, and the hypervisor is another: ${uri}`,
    };
  }
  const more = added === "" ? "" : `; ${added} more are added to it`;
  return { fork: true, reason: `image "${image}" has a template with ${shape}${more}` };
}
