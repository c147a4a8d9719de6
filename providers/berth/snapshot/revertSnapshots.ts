import { randomBytes } from "node:crypto";
import type { Call } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import { awaitBoot } from "../domain/awaitBoot.js";
import { readDomainXml } from "../domain/domainXml.js";
import { GuestAgent } from "../domain/guestAgent.js";
import { cutPower, isOn } from "../domain/power.js";
import { listSnapshots } from "./listSnapshots.js";
import type { FoundSnapshot, MachineRef } from "./types.js";
import { wakeScript } from "./wakeScript.js";
import { withLibvirts } from "./withLibvirts.js";

const agentLimitMs = 60_000;
const scriptLimitMs = 30_000;

/**
 * Takes machines back to a snapshot, all of them or, where one has none, not any. What they have written since is lost. Each
 * keeps what it is described as today, runs where it ran, and is waited for.
 */
export async function revertSnapshots(
  name: string,
  machines: readonly MachineRef[],
  call: Pick<Call<unknown>, "signal" | "log" | "status">,
): Promise<void> {
  await withLibvirts(machines, call.signal, async (all) => {
    const plans: {
      machine: MachineRef;
      libvirt: Libvirt;
      snapshot: FoundSnapshot;
      xml: string;
      ran: boolean;
    }[] = [];
    for (const { machine, libvirt } of all) {
      const snapshots = await listSnapshots(libvirt, machine.domain);
      const snapshot = snapshots?.find((one) => one.name === name);
      if (snapshot === undefined) {
        const known = snapshots?.map((one) => one.name).join(", ") || "none";
        throw new Error(
          `${machine.name} has no snapshot "${name}"; it has: ${known}. No machine was touched.`,
        );
      }
      plans.push({
        machine,
        libvirt,
        snapshot,
        xml: await libvirt.run(["dumpxml", "--inactive", "--security-info", machine.domain]),
        ran: isOn(await powerOf(libvirt, machine.domain)),
      });
    }
    // They stop before the first goes back: none sees another one's past.
    for (const { machine, libvirt } of plans) await cutPower(libvirt, machine.domain);
    for (const { machine, libvirt, xml, snapshot, ran } of plans) {
      call.status(`taking ${machine.name} back to "${name}"`);
      const on = snapshot.memory && ran ? ["--running"] : [];
      await libvirt.run(["snapshot-revert", machine.domain, name, ...on]);
      // It came with the description that the machine had then.
      await libvirt.run(["define", await libvirt.file("domain.xml", xml)]);
      if (!ran) await cutPower(libvirt, machine.domain);
      else if (!snapshot.memory) await libvirt.run(["start", machine.domain]);
    }
    await Promise.all(
      plans
        .filter(({ ran }) => ran)
        .map(({ snapshot, ...plan }) => wake({ ...plan, memory: snapshot.memory }, call)),
    );
  });
}

async function wake(
  { machine, libvirt, xml, memory }: { machine: MachineRef; libvirt: Libvirt; xml: string; memory: boolean },
  call: Pick<Call<unknown>, "signal" | "log" | "status">,
): Promise<void> {
  const { name, domain } = machine;
  try {
    if (memory) {
      const agent = new GuestAgent(libvirt, domain, call.signal);
      await agent.ready(agentLimitMs, () => call.status(`waiting for the guest agent of ${name}`));
      const script = wakeScript(randomBytes(64), new Date());
      const { code, stderr } = await agent.run(script, scriptLimitMs, "/usr/bin/perl");
      if (code !== 0) throw new Error(`its clock could not be set: ${stderr.trim() || `exit code ${code}`}`);
      const [now, wanted] = [readDomainXml(await libvirt.run(["dumpxml", domain])), readDomainXml(xml)];
      if (now.cpus !== wanted.cpus || now.memoryMiB !== wanted.memoryMiB) {
        call.log(
          "warning",
          `${name} runs with ${now.cpus} processors and ${now.memoryMiB} MiB, as it did then; with ${wanted.cpus} and ${wanted.memoryMiB} MiB from its next start on`,
        );
      }
    }
    await awaitBoot(libvirt, domain, name, call);
  } catch (error) {
    call.signal.throwIfAborted();
    call.log(
      "warning",
      `${name} was taken back, and nothing says that it is up: ${(error as Error).message}`,
    );
  }
}
