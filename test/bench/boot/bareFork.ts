import { execFileSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { domainXml } from "../../../providers/berth/domain/domainXml.js";
import type { DomainInputs } from "../../../providers/berth/domain/types.js";
import { newDockerIdentity } from "../../../providers/berth/template/dockerIdentity.js";
import { forkMemory } from "../../../providers/berth/template/forkMemory.js";
import { identityScript } from "../../../providers/berth/template/identityScript.js";
import { openTemplate } from "../../../providers/berth/template/templateStore.js";
import type { Machines } from "../../support/machines.js";

/**
 * The same fork by a shell script that calls qemu-img and virsh, with everything that can be prepared prepared: its files are
 * written beforehand. Gives the script's seconds.
 */
export async function bareFork(machines: Machines, inputs: DomainInputs): Promise<number> {
  const { name, nic, template } = inputs;
  const found = await openTemplate(template!.path);
  if ("trouble" in found) throw new Error(found.trouble);
  const { manifest } = found;
  const uuid = randomUUID();
  const disk = join(machines.folder, inputs.root.name);
  const docker = newDockerIdentity(manifest.dockerId!.file);
  const file = (suffix: string) => join(machines.berthHome, `${name}.${suffix}`);
  await forkMemory(
    join(found.path, "memory"),
    file("saved"),
    manifest,
    {
      system: uuid,
      machine: uuid,
      boot: randomUUID(),
      engine: docker.id,
      journal: randomUUID(),
      mac: nic.mac.toLowerCase(),
    },
    { name, disk, nic, consoleLog: inputs.consoleLog, ...inputs.boot },
  );
  writeFileSync(file("xml"), domainXml({ ...inputs, uuid, disk }));
  const identity = identityScript({
    ...inputs.identity,
    uuid,
    mac: nic.mac,
    docker,
    restartDocker: false,
    entropy: randomBytes(64),
    units: manifest.units,
    ...(manifest.journals && { journals: manifest.journals }),
    grown: false,
  });
  const exec = {
    execute: "guest-exec",
    arguments: {
      path: "/usr/bin/perl",
      arg: ["-"],
      "input-data": Buffer.from(identity).toString("base64"),
      "capture-output": true,
    },
  };
  writeFileSync(file("exec"), JSON.stringify(exec));
  const script = `set -e
    v() { virsh -q -c '${machines.lab.libvirtUri}' "$@"; }
    v vol-create-as machines '${inputs.root.name}' ${inputs.root.size} --format qcow2 --backing-vol '${template!.disk}' --backing-vol-format qcow2
    v define '${file("xml")}'
    v restore '${file("saved")}'
    until v qemu-agent-command '${name}' '{"execute":"guest-ping"}' >/dev/null 2>&1; do sleep 0.1; done
    pid=$(v qemu-agent-command '${name}' "$(cat '${file("exec")}')" | tr -dc 0-9)
    until v qemu-agent-command '${name}' '{"execute":"guest-exec-status","arguments":{"pid":'$pid'}}' | grep -q '"exitcode":0'; do sleep 0.1; done
    v domif-setlink '${name}' '${nic.mac}' up`;
  const began = performance.now();
  execFileSync("sh", ["-c", script], { stdio: ["ignore", "ignore", "inherit"], timeout: 120_000 });
  const seconds = (performance.now() - began) / 1000;
  await machines.virsh("destroy", name);
  await machines.virsh("undefine", name);
  await machines.virsh("vol-delete", "--pool", "machines", inputs.root.name);
  for (const suffix of ["saved", "xml", "exec"]) rmSync(file(suffix));
  return seconds;
}
