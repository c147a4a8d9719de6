import { randomBytes, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Call } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { type DockerIdentity, newDockerIdentity } from "../template/dockerIdentity.js";
import { forkMemory } from "../template/forkMemory.js";
import { identityScript } from "../template/identityScript.js";
import { forkFile, type TemplateManifest, templateFiles } from "../template/manifest.js";
import { firstBootScript } from "../template/scripts.js";
import type { Template } from "../template/templateStore.js";
import { seedXml } from "./domainXml.js";
import { GuestAgent } from "./guestAgent.js";
import { hotPlug } from "./hotPlug.js";
import type { DomainInputs } from "./types.js";

const agentLimitMs = 60_000;
const identityLimitMs = 2 * 60_000;
const firstBootLimitMs = 10 * 60_000;

/**
 * Starts a domain, which is defined already, as a fork of a template: its memory is the template's with other identifiers, and
 * before it has a network it is given an identity of its own. The caller removes the domain where this fails.
 */
export async function forkDomain(
  libvirt: Libvirt,
  template: Template,
  inputs: DomainInputs,
  made: { readonly uuid: string; readonly disk: string; readonly templateSize: number },
  call: Call<unknown>,
): Promise<void> {
  const { name, nic, boot } = inputs;
  const { manifest } = template;
  const docker = manifest.dockerId && newDockerIdentity(manifest.dockerId.file);
  const saved = join(template.path, forkFile(libvirt.uri, name));
  call.status(`forking ${name}`);
  try {
    await forkMemory(
      join(template.path, templateFiles.memory),
      saved,
      manifest,
      {
        system: made.uuid,
        machine: made.uuid,
        boot: randomUUID(),
        mac: nic.mac.toLowerCase(),
        ...(docker && { engine: docker.id }),
        ...(manifest.ids.journal && { journal: randomUUID() }),
      },
      { name, disk: made.disk, consoleLog: inputs.consoleLog, nic, ...boot },
    );
    await libvirt.run(["restore", saved]);
  } catch (error) {
    await rm(saved, { force: true });
    throw error;
  }
  // Giving back so much memory takes as long as some of the steps, which go on meanwhile.
  await Promise.all([
    rm(saved, { force: true }),
    giveIdentity(libvirt, manifest, inputs, { ...made, ...(docker && { docker }) }, call),
  ]);
}

async function giveIdentity(
  libvirt: Libvirt,
  manifest: TemplateManifest,
  inputs: DomainInputs,
  made: { readonly uuid: string; readonly templateSize: number; readonly docker?: DockerIdentity },
  call: Call<unknown>,
): Promise<void> {
  const { name, identity, nic, seed } = inputs;
  const { docker } = made;
  const agent = new GuestAgent(libvirt, name, call.signal);
  await agent.ready(agentLimitMs, () => call.status(`waiting for the guest agent of ${name}`));
  const grown = inputs.root.size > made.templateSize;
  if (grown) await libvirt.run(["blockresize", name, "vda", `${inputs.root.size}B`]);
  const script = identityScript({
    ...identity,
    uuid: made.uuid,
    mac: nic.mac,
    ...(docker && { docker }),
    restartDocker: manifest.dockerId !== undefined && !manifest.dockerId.inMemory,
    entropy: randomBytes(64),
    units: manifest.units,
    ...(manifest.journals && { journals: manifest.journals }),
    grown,
  });
  call.status(`giving ${name} its identity`);
  await step(agent, name, "its identity", script, identityLimitMs, "/usr/bin/perl");
  const { cpus, memoryMiB } = inputs.template!;
  if (inputs.cpus !== cpus || inputs.memoryMiB !== memoryMiB) {
    call.status(`${name}: adding processors and memory`);
    await hotPlug(libvirt, name, inputs, call);
  }
  if (identity.firstBoot && seed !== undefined) {
    call.status(`${name}: first boot`);
    await libvirt.run(["attach-device", name, await libvirt.file("seed.xml", seedXml(seed)), "--live"]);
    await step(agent, name, "its first boot", firstBootScript(), firstBootLimitMs);
  }
  // Only now, and only if all of that went well, can anybody reach it.
  await libvirt.run(["domif-setlink", name, nic.mac.toLowerCase(), "up"]);
}

async function step(
  agent: GuestAgent,
  name: string,
  what: string,
  script: string,
  limitMs: number,
  interpreter?: string,
): Promise<void> {
  const { code, stderr } = await agent.run(script, limitMs, interpreter);
  if (code !== 0) throw new Error(`${name} was not given ${what} (exit code ${code}): ${stderr.trim()}`);
}
