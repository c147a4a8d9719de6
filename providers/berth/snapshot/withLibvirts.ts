import { Libvirt } from "../../virsh/libvirt.js";
import type { MachineRef } from "./types.js";

/** Hands the machines, each with its hypervisor's libvirt, to `use`. @throws where one of those does not answer */
export async function withLibvirts<T>(
  machines: readonly MachineRef[],
  signal: AbortSignal,
  use: (machines: readonly { readonly machine: MachineRef; readonly libvirt: Libvirt }[]) => Promise<T>,
): Promise<T> {
  const uris = [...new Set(machines.map(({ uri }) => uri))];
  const open = (left: readonly string[], libvirts: ReadonlyMap<string, Libvirt>): Promise<T> => {
    const [uri, ...rest] = left;
    if (uri === undefined) {
      return use(machines.map((machine) => ({ machine, libvirt: libvirts.get(machine.uri)! })));
    }
    return Libvirt.with(uri, signal, (libvirt) => open(rest, new Map([...libvirts, [uri, libvirt]])));
  };
  return open(uris, new Map());
}
