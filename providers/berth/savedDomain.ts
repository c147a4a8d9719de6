import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Call, type Change, inputChanges, type ResourceHandler } from "../kit/index.js";
import { Libvirt } from "../virsh/libvirt.js";
import { makingVolume } from "./domain/ownership.js";
import { removeRootDisk } from "./domain/rootDisk.js";
import { Mistakes } from "./mistakes.js";
import { buildTemplate } from "./template/buildTemplate.js";
import { fingerprint } from "./template/fingerprint.js";
import { isDiskOf, isTemplateDiskName, templateDiskName, templateFiles } from "./template/manifest.js";
import { rebase } from "./template/rebase.js";
import { ensureTemplate, openTemplate, pruneTemplates } from "./template/templateStore.js";
import type { TemplateInputs, TemplateState } from "./template/types.js";

const makeLimitMs = 30 * 60_000;

/** A machine that is up, saved with its memory, for others to start as forks of it. */
export const savedDomain: ResourceHandler<TemplateInputs, TemplateState, unknown> = {
  replaceOn: ["uri", "pool", "name"],
  deleteBeforeReplace: true,
  computed: ["fingerprint", "path", "disk", "dockerVersion"],
  unstable: ["fingerprint", "path", "disk", "dockerVersion"],
  timeouts: { create: makeLimitMs, update: makeLimitMs },

  check(inputs) {
    const mistakes = new Mistakes();
    if (
      mistakes.text("uri", inputs.uri, 'a libvirt connection URI such as "qemu:///system"') &&
      !isLocal(inputs.uri)
    ) {
      mistakes.add(
        "uri",
        `is ${inputs.uri}; saved machines are kept in files of the hypervisor, so it must be this machine`,
      );
    }
    mistakes.text("cache", inputs.cache, "a folder on the hypervisor");
    mistakes.integer("cpus", inputs.cpus, 1, 512);
    mistakes.integer("memoryMiB", inputs.memoryMiB, 64, 2 ** 24);
    mistakes.integer("maxCpus", inputs.maxCpus, inputs.cpus, 512);
    mistakes.integer("maxMemoryMiB", inputs.maxMemoryMiB, inputs.memoryMiB, 2 ** 24);
    return { inputs, failures: mistakes.failures };
  },

  diff({ state, oldInputs, inputs }) {
    const changes: Change[] = inputChanges(oldInputs, inputs, ["uri", "pool", "name"]);
    // A refresh found that it is not what this hypervisor would make now, or that it is damaged.
    if (state.fingerprint === "") changes.push({ path: "fingerprint", kind: "update", inputDiff: false });
    return { changes, deleteBeforeReplace: true };
  },

  async create(inputs, call) {
    return { id: inputs.name, state: await make(inputs, call) };
  },

  async read(id, state, inputs, call) {
    if (!state || !inputs) throw new Error(`template ${id}: it is made, not imported.`);
    return Libvirt.with(inputs.uri, call.signal, async (libvirt) => {
      const template = await openTemplate(state.path);
      const fits =
        (await fingerprint(libvirt, inputs)) === state.fingerprint &&
        "manifest" in template &&
        isDiskOf(template.manifest, state.disk) &&
        (await libvirt.find(["vol-path", state.disk])) !== undefined;
      return { id, inputs, state: fits ? state : { ...state, fingerprint: "" } };
    });
  },

  async update({ inputs }, call) {
    return make(inputs, call);
  },

  async delete(id, state, call) {
    await Libvirt.with(state.uri, call.signal, async (libvirt) => {
      await removeDisks(libvirt, state.pool, id);
      // Of a making that was killed and never tried again: the pool can't be removed with it.
      await removeRootDisk(libvirt, { pool: state.pool, name: makingVolume(id, call.urn) });
    });
  },
};

/** Whether a libvirt URI means this machine. */
function isLocal(uri: string): boolean {
  return /^qemu(\+unix)?:\/\/\//.test(uri);
}

async function make(inputs: TemplateInputs, call: Call<unknown>): Promise<TemplateState> {
  const { uri, pool, cache, cacheSize, base } = inputs;
  return Libvirt.with(uri, call.signal, async (libvirt) => {
    const print = await fingerprint(libvirt, inputs);
    call.status("waiting for the template, which another run may be making");
    const template = await ensureTemplate(
      cache,
      print,
      async (folder) => {
        call.log("info", `making the template ${inputs.name}: booted once, then saved (1 to 3 min)`);
        await buildTemplate(libvirt, inputs, { fingerprint: print, folder }, call);
      },
      (trouble) => call.log("warning", `the template ${print} is made anew: ${trouble}`),
    );
    const diskName = templateDiskName(inputs.name, template.manifest);
    const known = await libvirt.find(["vol-path", "--pool", pool, diskName]);
    const disk = known ?? (await installDisk(libvirt, template.path, { pool, diskName, base }));
    await removeDisks(libvirt, pool, inputs.name, diskName);
    for (const gone of await pruneTemplates(cache, cacheSize, print)) {
      call.log(
        "info",
        `the template ${gone} was removed from the cache, as all together were larger than its limit`,
      );
    }
    return {
      uri,
      pool,
      fingerprint: print,
      path: template.path,
      disk,
      dockerVersion: template.manifest.dockerVersion ?? "",
    };
  });
}

/** Puts a cached template's disk into a pool, on that pool's own copy of the image. */
async function installDisk(
  libvirt: Libvirt,
  path: string,
  { pool, diskName, base }: { readonly pool: string; readonly diskName: string; readonly base: string },
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "berth-template-"));
  try {
    const copy = join(folder, templateFiles.disk);
    await copyFile(join(path, templateFiles.disk), copy);
    await chmod(copy, 0o600);
    await rebase(copy, base);
    await libvirt.run(["vol-create-as", pool, diskName, "1MiB", "--format", "raw"]);
    await libvirt.run(["vol-upload", "--pool", pool, diskName, copy]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await libvirt.run(["pool-refresh", pool]);
  return libvirt.run(["vol-path", "--pool", pool, diskName]);
}

/** Removes the disks of former makings that no machine is a clone of. */
async function removeDisks(libvirt: Libvirt, pool: string, name: string, keep?: string): Promise<void> {
  const volumes = await volumeNames(libvirt, pool);
  const mine = volumes.filter(
    (volume) => volume !== keep && volume.startsWith(`${name}-`) && isTemplateDiskName(volume),
  );
  if (mine.length === 0) return;
  const used = new Set<string>();
  for (const volume of volumes) {
    const xml = await libvirt.find(["vol-dumpxml", "--pool", pool, volume]);
    const backing = /<backingStore>\s*<path>([^<]+)</.exec(xml ?? "")?.[1];
    if (backing !== undefined) used.add(backing.split("/").at(-1)!);
  }
  for (const volume of mine) {
    if (!used.has(volume)) await libvirt.find(["vol-delete", "--pool", pool, volume]);
  }
}

async function volumeNames(libvirt: Libvirt, pool: string): Promise<string[]> {
  const list = await libvirt.find(["vol-list", "--pool", pool]);
  return (list ?? "").split("\n").map((line) => line.trim().split(/\s+/)[0] ?? "");
}
