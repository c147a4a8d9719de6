import { type Call, poll } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import type { DataVolume } from "./dataDisks.js";
import { dataDiskXml, nicXml, readDomainXml, scsiTarget, scsiXml } from "./domainXml.js";
import type { DomainInputs } from "./types.js";

const unplugLimitMs = 60_000;

interface Wanted {
  readonly volumes: readonly DataVolume[];
  readonly nics: readonly DomainInputs["nic"][];
}

/** Puts the disks and interfaces that are missing into a running machine. */
export async function plugDevices(
  libvirt: Libvirt,
  domain: string,
  { volumes, nics }: Wanted,
): Promise<void> {
  const xml = await libvirt.run(["dumpxml", domain]);
  const live = readDomainXml(xml);
  const plug = async (device: string) =>
    libvirt.run(["attach-device", domain, await libvirt.file("device.xml", device), "--live"]);
  const paths = new Set(Object.values(live.disks));
  const targets = new Set(Object.keys(live.disks));
  const missing = volumes.filter(({ path }) => !paths.has(path));
  if (missing.length > 0 && !/<controller type=['"]scsi['"]/.test(xml)) await plug(scsiXml);
  for (const { disk, path } of missing) {
    let index = 0;
    while (targets.has(scsiTarget(index))) index++;
    targets.add(scsiTarget(index));
    await plug(dataDiskXml(disk, path, scsiTarget(index)));
  }
  for (const nic of nics) if (!live.macs.includes(nic.mac.toLowerCase())) await plug(nicXml(nic));
}

/** Takes the disks and interfaces out of a running machine that are wanted no more, and waits until its guest has let them go. */
export async function unplugDevices(
  libvirt: Libvirt,
  domain: string,
  { volumes, nics }: Wanted,
  call: Pick<Call<unknown>, "signal" | "status">,
): Promise<void> {
  const look = async () => readDomainXml(await libvirt.run(["dumpxml", domain]));
  const paths = new Set(volumes.map(({ path }) => path));
  const macs = new Set(nics.map(({ mac }) => mac.toLowerCase()));
  const extra = async () => {
    const live = await look();
    return {
      disks: Object.entries(live.disks).flatMap(([target, path]) =>
        target.startsWith("sd") && !paths.has(path) ? [target] : [],
      ),
      macs: live.macs.filter((mac) => !macs.has(mac)),
    };
  };
  const found = await extra();
  for (const target of found.disks) await libvirt.run(["detach-disk", domain, target, "--live"]);
  for (const mac of found.macs)
    await libvirt.run(["detach-interface", domain, "network", "--mac", mac, "--live"]);
  if (found.disks.length + found.macs.length === 0) return;
  await poll({
    what: `${domain} to let go of ${[...found.disks, ...found.macs].join(", ")}`,
    signal: AbortSignal.any([call.signal, AbortSignal.timeout(unplugLimitMs)]),
    status: call.status,
    every: 500,
    until: async () => {
      const { disks, macs: left } = await extra();
      return disks.length + left.length === 0;
    },
  });
}
