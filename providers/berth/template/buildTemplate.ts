import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Call, formatDuration } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { virshWords } from "../../virsh/virsh.js";
import { VirshSession } from "../../virsh/virshSession.js";
import { elementText } from "../../virsh/xml.js";
import { domainXml } from "../domain/domainXml.js";
import { GuestAgent } from "../domain/guestAgent.js";
import { makingVolume } from "../domain/ownership.js";
import { cutPower } from "../domain/power.js";
import { makeRootDisk, removeRootDisk, volumePath } from "../domain/rootDisk.js";
import { consoleTail } from "../engine/consoleTail.js";
import { textBlock } from "../textBlock.js";
import type { DockerIdFile } from "./dockerIdentity.js";
import { digest } from "./files.js";
import { findMarks } from "./findMarks.js";
import { hostFacts } from "./fingerprint.js";
import { shapeOf, type TemplateManifest, templateFiles } from "./manifest.js";
import { findRegisterMarks } from "./registerMarks.js";
import { headLimit, readHead } from "./savedImage.js";
import { prepareScript, readyScript } from "./scripts.js";
import { templateMac } from "./templateMac.js";
import type { TemplateInputs } from "./types.js";

const stepMs = 5000;
const bootLimitMs = 10 * 60_000;
const readyLimitMs = 10 * 60_000;
const prepareLimitMs = 2 * 60_000;
/** Cleaning up has a limit of its own: the operation's may have passed. */
const cleanUpLimitMs = 60_000;
/** Room in the saved file's head for the longer names and paths of forks. */
const headroom = "-".repeat(4000);

/**
 * Boots a machine that has no network until Docker answers in it, and saves it: memory, disk and manifest in `folder`. Leaves
 * nothing else; where it fails the caller removes the folder.
 */
export async function buildTemplate(
  libvirt: Libvirt,
  inputs: TemplateInputs,
  target: { readonly fingerprint: string; readonly folder: string },
  call: Call<unknown>,
): Promise<void> {
  const { name, pool, base, size, consoleLog } = inputs;
  const root = { pool, name: makingVolume(name, call.urn), base, size };
  await mkdir(target.folder, { recursive: true, mode: 0o700 });
  // What a killed try left.
  await cutPower(libvirt, name);
  await removeRootDisk(libvirt, root);
  const disk = await volumePath(libvirt, root);
  await makeRootDisk(libvirt, root, base);
  const mac = templateMac();
  const shape = { ...inputs, disk, nic: mac, description: headroom };
  const xml = await libvirt.file("template.xml", domainXml(shape));
  const session = new VirshSession(libvirt.uri);
  try {
    // Whatever ends this process ends the template too.
    const { stderr: refused } = await session.run(`create '${xml}' --autodestroy`, call.signal);
    if (refused !== "") throw new Error(virshWords(refused));
    const agent = new GuestAgent(libvirt, name, call.signal);
    await agent.ready(bootLimitMs, (elapsed) =>
      call.status(
        `booting the template ${name}, ${formatDuration(inSteps(elapsed))} (30 s to 2 min, once for all machines)`,
      ),
    );
    call.status(`waiting for Docker in the template ${name}`);
    const dockerVersion = (
      await inGuest(agent, readyScript(readyLimitMs / 1000), readyLimitMs + 30_000)
    ).trim();
    call.status(`saving the template ${name}`);
    await libvirt.run(["detach-disk", name, "vdb", "--live"]);
    const facts = parseFacts(await inGuest(agent, prepareScript(), prepareLimitMs));
    const system = elementText(await libvirt.run(["dumpxml", name]), "uuid");
    if (system === undefined) throw new Error("libvirt does not tell its UUID");
    const memory = join(target.folder, templateFiles.memory);
    await libvirt.run(["save", name, memory]);
    const copy = join(target.folder, templateFiles.disk);
    await libvirt.run(["vol-download", "--pool", pool, root.name, copy]);
    const ids = {
      system,
      machine: facts.machine,
      boot: facts.boot,
      mac,
      ...(facts.engine && { engine: facts.engine }),
      ...(facts.journal && { journal: facts.journal }),
    };
    const marks = await marksIn(memory, ids, call.signal);
    const manifest: TemplateManifest = {
      fingerprint: target.fingerprint,
      host: await hostFacts(libvirt, inputs.type, inputs.machine),
      shape: shapeOf(inputs),
      ids,
      marks,
      ...(facts.idFile && {
        dockerId: {
          file: facts.idFile,
          inMemory: marks.some(({ of, inRegister }) => of === "engine" && !inRegister),
        },
      }),
      dockerVersion,
      ...(facts.journals && { journals: facts.journals }),
      units: facts.units,
      paths: {
        disk,
        consoleLog,
        ...(inputs.boot && { kernel: inputs.boot.kernel }),
        ...(inputs.boot?.initrd && { initrd: inputs.boot.initrd }),
      },
      memory: await digest(memory),
      disk: await digest(copy),
    };
    await writeFile(join(target.folder, templateFiles.manifest), `${JSON.stringify(manifest)}\n`);
  } catch (error) {
    call.signal.throwIfAborted();
    throw new Error(
      `the template ${name} can't be made: ${(error as Error).message}${await consoleTail(consoleLog)}\n` +
        'Correct its image, or set "start" to "cold" to do without a template.',
      { cause: error },
    );
  } finally {
    await session.close();
    await clearAway(libvirt, inputs, root).catch((left: Error) =>
      call.log("warning", `what there is of the template ${name} stays until it is made: ${left.message}`),
    );
  }
}

async function clearAway(
  libvirt: Libvirt,
  { name, consoleLog }: TemplateInputs,
  root: { readonly pool: string; readonly name: string },
): Promise<void> {
  await cutPower(libvirt, name);
  await libvirt.find(["vol-delete", "--pool", root.pool, root.name], AbortSignal.timeout(cleanUpLimitMs));
  await rm(consoleLog, { force: true });
}

/** So that progress is told now and then, and not each time that it is looked for. */
function inSteps(elapsedMs: number): number {
  return Math.floor(elapsedMs / stepMs) * stepMs;
}

async function inGuest(agent: GuestAgent, text: string, limitMs: number): Promise<string> {
  const { code, stdout, stderr } = await agent.run(text, limitMs);
  if (code !== 0) throw new Error(textBlock(stderr || stdout) || `a script in it ended with code ${code}`);
  return stdout;
}

interface Facts {
  readonly machine: string;
  readonly boot: string;
  readonly engine: string | undefined;
  readonly idFile: DockerIdFile | undefined;
  readonly journal: string | undefined;
  readonly journals: string | undefined;
  readonly units: string[];
}

function parseFacts(output: string): Facts {
  const lines = output.split("\n").map((line) => line.split(" ") as [string, string?]);
  const first = (key: string) => lines.find(([name]) => name === key)?.[1] || undefined;
  const [machine, boot] = [first("machine"), first("boot")];
  if (machine === undefined || boot === undefined)
    throw new Error("it does not tell its machine-id and boot id");
  return {
    machine: dashed(machine),
    boot,
    engine: first("engine"),
    idFile: first("idfile") as DockerIdFile | undefined,
    journal: first("journal") && dashed(first("journal")!),
    journals: first("journals"),
    units: lines.flatMap(([name, unit]) => (name === "unit" && unit ? [unit] : [])),
  };
}

function dashed(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function marksIn(path: string, ids: TemplateManifest["ids"], signal: AbortSignal) {
  const file = await open(path);
  try {
    const head = Buffer.alloc(headLimit);
    const { bytesRead } = await file.read(head, 0, headLimit, 0);
    const { dataOffset } = readHead(head.subarray(0, bytesRead));
    const inMemory = await findMarks(file, dataOffset, ids, signal);
    return [...inMemory, ...(await findRegisterMarks(file, dataOffset, ids))];
  } finally {
    await file.close();
  }
}
