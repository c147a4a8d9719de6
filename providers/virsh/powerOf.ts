import type { Libvirt } from "./libvirt.js";

/** What a domain does; `absent`: there is none. */
export async function powerOf(
  libvirt: Libvirt,
  domain: string,
  signal?: AbortSignal,
): Promise<"running" | "stopped" | "paused" | "absent"> {
  const state = await libvirt.find(["domstate", domain], signal);
  if (state === undefined) return "absent";
  if (/^(shut off|crashed)$/.test(state)) return "stopped";
  return state === "paused" ? "paused" : "running";
}
