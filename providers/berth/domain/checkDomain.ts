import { type Call, type Checked, duration, unknown } from "../../kit/index.js";
import { Mistakes } from "../mistakes.js";
import type { DataDiskInputs, DomainInputs, InterfaceInputs } from "./types.js";

const gibibyte = 2 ** 30;
const powers: readonly string[] = ["running", "stopped", "paused"];

const optional = {
  power: "running",
  stopGrace: "2m",
  disks: {},
  discard: [],
  interfaces: {},
  bootOrder: ["disk"],
  newSeed: "ignore",
  residents: [],
} as const satisfies Partial<DomainInputs>;

type Given = Omit<DomainInputs, keyof typeof optional> & Partial<Pick<DomainInputs, keyof typeof optional>>;

/** The inputs with what may be left out. */
export function withDefaults(given: Given): DomainInputs {
  return { ...optional, ...given };
}

/** Lists what is wrong, and says of a machine that is not there yet how it will start. */
export function checkDomain(
  given: Given,
  old: DomainInputs | undefined,
  call: Call<unknown>,
): Checked<DomainInputs> {
  const inputs = withDefaults(given);
  const mistakes = new Mistakes();
  mistakes.text("uri", inputs.uri, 'a libvirt connection URI such as "qemu:///system"');
  if (mistakes.text("name", inputs.name, "libvirt's name of the domain") && !/^[\w.+-]+$/.test(inputs.name)) {
    mistakes.add("name", `is "${inputs.name}"; expected letters, digits and "._+-"`);
  }
  mistakes.integer("cpus", inputs.cpus, 1, 512);
  mistakes.integer("memoryMiB", inputs.memoryMiB, 64, 2 ** 24);
  if (mistakes.record("root", inputs.root, "the root disk's pool, name, base and size")) {
    const size: unknown = inputs.root.size;
    mistakes.integer("root.size", size, 1, Number.MAX_SAFE_INTEGER);
    const before = old?.root?.size;
    if (typeof size === "number" && typeof before === "number" && size < before) {
      mistakes.add(
        "root.size",
        `is ${size / gibibyte} GiB, and the disk has ${before / gibibyte} GiB: a disk can't shrink. Keep its size, or replace the machine`,
      );
    }
  }
  mistakes.integer("maxCpus", inputs.maxCpus, inputs.cpus, 512);
  mistakes.integer("maxMemoryMiB", inputs.maxMemoryMiB, inputs.memoryMiB, 2 ** 24);
  if (typeof inputs.description === "string" && !/^[^\p{Cc}]*$/u.test(inputs.description)) {
    mistakes.add("description", "has to be one line of text");
  }
  const { firmware } = inputs;
  if (
    firmware !== undefined &&
    mistakes.text("firmware", firmware, '"bios" or "uefi"') &&
    firmware !== "bios" &&
    firmware !== "uefi"
  ) {
    mistakes.add("firmware", `is "${firmware}"; expected "bios" or "uefi"`);
  }
  checkDisks(inputs, old && withDefaults(old), mistakes);
  checkInterfaces(inputs, mistakes);
  if (
    mistakes.text("power", inputs.power, "one of running, stopped, paused") &&
    !powers.includes(inputs.power)
  ) {
    mistakes.add("power", `is "${inputs.power}"; expected one of ${powers.join(", ")}`);
  }
  if (mistakes.text("stopGrace", inputs.stopGrace, 'a duration such as "2m"')) {
    try {
      duration(inputs.stopGrace);
    } catch (error) {
      mistakes.add("stopGrace", (error as Error).message);
    }
  }
  if (old === undefined && mistakes.failures.length === 0) call.log("info", howItStarts(inputs));
  return { inputs, failures: mistakes.failures };
}

const maxDisks = 20;

function checkDisks(
  { disks, discard }: DomainInputs,
  old: DomainInputs | undefined,
  mistakes: Mistakes,
): void {
  if (!mistakes.record("disks", disks, "disks by name")) return;
  const mounts = new Map<string, string>();
  for (const [name, disk] of Object.entries(disks as Readonly<Record<string, DataDiskInputs>>)) {
    const path = `disks.${name}`;
    if (!/^[a-z0-9][a-z0-9-]{0,19}$/.test(name)) {
      mistakes.add(
        path,
        "its name has to be 1 to 20 lower-case letters, digits and hyphens: the guest knows the disk by it",
      );
    }
    mistakes.integer(`${path}.size`, disk.size, 2 ** 20, Number.MAX_SAFE_INTEGER);
    const before = old?.disks[name];
    if (before !== undefined && disk.size < before.size) {
      mistakes.add(
        `${path}.size`,
        `is ${disk.size} bytes, and the disk has ${before.size}: a disk can't shrink. Keep its size`,
      );
    }
    if (before !== undefined && (before.volume === undefined) !== (disk.volume === undefined)) {
      mistakes.add(
        path,
        "whether a disk is kept is settled when it is made. Make another one, and copy what is on this",
      );
    }
    const { mount } = disk;
    if (mount === undefined) continue;
    if (!/^(\/(?!\.{1,2}(\/|$))[\w.-]+)+$/.test(mount) || taken.test(mount)) {
      mistakes.add(
        `${path}.mount`,
        `is "${mount}"; expected a folder such as "/data", and none that the system needs`,
      );
    }
    const other = mounts.get(mount);
    if (other !== undefined) mistakes.add(`${path}.mount`, `is "${mount}", where disk "${other}" is mounted`);
    mounts.set(mount, name);
  }
  if (Object.keys(disks).length > maxDisks) mistakes.add("disks", `are more than ${maxDisks}`);
  for (const name of Object.keys(old?.disks ?? {})) {
    if (disks[name] === undefined && Array.isArray(discard) && !discard.includes(name)) {
      mistakes.add(
        `disks.${name}`,
        `is a disk of the machine and not of the program. It is deleted, with what is on it, only where "discard" names it`,
      );
    }
  }
}

/** Folders that a system does not work without, and Docker's, in which it runs already. */
const taken =
  /^\/(bin|boot|dev|etc|lib\w*|proc|root|run|sbin|sys|tmp|usr|var|var\/lib|var\/lib\/docker|var\/lib\/containerd)(\/|$)(?!.*[^/])/;

function checkInterfaces({ interfaces, nic }: DomainInputs, mistakes: Mistakes): void {
  if (!mistakes.record("interfaces", interfaces, "interfaces by name")) return;
  const macs = new Map([[String(nic?.mac).toLowerCase(), "the first interface"]]);
  for (const [name, one] of Object.entries(interfaces as Readonly<Record<string, InterfaceInputs>>)) {
    const path = `interfaces.${name}`;
    if (!/^[a-z0-9][a-z0-9-]{0,14}$/.test(name)) {
      mistakes.add(path, "its name has to be 1 to 15 lower-case letters, digits and hyphens");
    }
    mistakes.text(`${path}.network`, one.network, "libvirt's name of a network");
    if (mistakes.text(`${path}.mac`, one.mac, "an Ethernet address")) {
      const other = macs.get(one.mac.toLowerCase());
      if (other !== undefined) mistakes.add(`${path}.mac`, `is that of ${other}`);
      macs.set(one.mac.toLowerCase(), `"${name}"`);
    }
    if (one.address !== undefined && !/^[\d.]+\/\d+$|^[\da-f:]+\/\d+$/i.test(one.address)) {
      mistakes.add(
        `${path}.address`,
        `is "${one.address}"; expected an address with prefix length such as "10.0.0.5/24"`,
      );
    }
  }
}

function howItStarts({ name, template, reason, power }: DomainInputs): string {
  if (power === "stopped") return `${name} is made and not started: its power is "stopped"`;
  const isFork = template !== undefined || (template as unknown) === unknown;
  return `${name} starts ${isFork ? "as a fork of a warm machine" : "by a cold boot"}: ${reason}`;
}
