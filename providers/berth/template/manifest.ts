import { createHash } from "node:crypto";
import type { DockerIdFile } from "./dockerIdentity.js";
import type { Identifiers, Mark } from "./marks.js";
import type { TemplateInputs } from "./types.js";

/** What `template.json` beside a template's two files says. */
export interface TemplateManifest {
  /** Names all that it depends on; see `fingerprint`. */
  readonly fingerprint: string;
  /** Of the hypervisor that saved it; see `hostFacts`. */
  readonly host: string;
  readonly shape: MachineShape;
  /** The template's own identifiers, none of which may be found in a fork. */
  readonly ids: Identifiers;
  /** Where they lie in the file `memory`. */
  readonly marks: readonly Mark[];
  /** Docker's id was found in memory and can be replaced there; else Docker is restarted in each fork. */
  readonly dockerId?: { readonly file: DockerIdFile; readonly inMemory: boolean };
  readonly dockerVersion?: string;
  /** Folder of the journals, which a fork gets anew under its own machine-id; none where they lie elsewhere than systemd puts them. */
  readonly journals?: string;
  /** Units that were stopped before the saving and are started in each fork, with an identity of its own. */
  readonly units: readonly string[];
  /** Paths in the saved description that are not a fork's. */
  readonly paths: {
    readonly disk: string;
    readonly consoleLog: string;
    readonly kernel?: string;
    readonly initrd?: string;
  };
  readonly memory: { readonly bytes: number; readonly sha256: string };
  readonly disk: { readonly bytes: number; readonly sha256: string };
}

/** What a fork has in common with its template. */
export type MachineShape = Pick<
  TemplateInputs,
  "type" | "machine" | "cpus" | "memoryMiB" | "maxCpus" | "maxMemoryMiB"
>;

/** Two machines of one shape have the same one: room that is none is left out. */
export function shapeOf(machine: MachineShape): MachineShape {
  const { type, cpus, memoryMiB, maxCpus = cpus, maxMemoryMiB = memoryMiB } = machine;
  return {
    type,
    machine: machine.machine,
    cpus,
    memoryMiB,
    ...(maxCpus > cpus && { maxCpus }),
    ...(maxMemoryMiB > memoryMiB && { maxMemoryMiB }),
  };
}

/** The names of a template's files in its folder. */
export const templateFiles = { manifest: "template.json", memory: "memory", disk: "disk.qcow2" } as const;

/** The file for a fork's memory until it is loaded: the same for each try, so that what a killed one left goes. */
export function forkFile(uri: string, domain: string): string {
  return `fork-${createHash("sha256").update(`${uri}\n${domain}`).digest("hex").slice(0, 16)}`;
}

/**
 * The volume, in a pool, of a template's disk. It is named by its content: the disk of one making never meets the memory of
 * another, which has the same fingerprint and would ruin the file system.
 */
export function templateDiskName(name: string, { disk }: Pick<TemplateManifest, "disk">): string {
  return `${name}-${disk.sha256.slice(0, 20)}.qcow2`;
}

/** Whether a volume's path is that of this template's disk. */
export function isDiskOf({ disk }: Pick<TemplateManifest, "disk">, path: string): boolean {
  return path.endsWith(`-${disk.sha256.slice(0, 20)}.qcow2`);
}

/** Whether a volume has a name as {@link templateDiskName} gives. */
export function isTemplateDiskName(volume: string): boolean {
  return /-[0-9a-f]{20}\.qcow2$/.test(volume);
}
