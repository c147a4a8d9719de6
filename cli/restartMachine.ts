import { rebootDomain } from "../providers/berth/domain/rebootDomain.js";
import { whileAway } from "../providers/berth/haproxy/whileAway.js";
import { duration, formatDuration } from "../providers/kit/index.js";
import { Libvirt } from "../providers/virsh/libvirt.js";
import { balancersOf, runsInMachines } from "./balancers.js";
import { commandCall } from "./commandCall.js";
import { insideLab } from "./insideLab.js";
import { readTopology } from "./placementInput.js";
import type { Project } from "./project.js";
import { say, UserError } from "./say.js";
import { setup } from "./setup.js";
import type { StackOptions } from "./up.js";

export interface RestartOptions extends StackOptions {
  /** How long the machine may take until Docker answers again, e.g. `10m`. */
  readonly limit: string;
}

/**
 * Has a machine's guest reboot itself, and waits until all of its services run again, Docker among them. No load balancer sends
 * requests to it meanwhile: its servers drain first, and take requests again when HAProxy's checks find them well.
 */
export async function restartMachine(project: Project, name: string, options: RestartOptions): Promise<void> {
  const limitMs = duration(options.limit);
  const { host } = await setup(project, []);
  const topology = readTopology(project, options, host);
  const machine = topology.machines.find((one) => one.name === name);
  if (machine === undefined) {
    throw new UserError(
      `stack "${options.stack}" has no machine "${name}"; it has ${topology.machines.map((one) => one.name).join(", ")}.`,
    );
  }
  if (machine.power !== "running") {
    throw new UserError(
      `machine "${name}" is not to run: its "power" is "${machine.power}". Set it to "running" and update the stack.`,
    );
  }
  if (runsInMachines(topology) && (await insideLab(host))) return;
  const { uri } = topology.hypervisors.find((one) => one.name === machine.hypervisor)!;
  const began = performance.now();
  const signal = AbortSignal.timeout(limitMs);
  const call = commandCall(limitMs, signal);
  say(`${name}: its servers drain, and then its guest reboots; its containers come back with it`);
  let isBack: boolean;
  try {
    ({ isBack } = await whileAway(machine.address, balancersOf(project, topology), call, () =>
      Libvirt.with(uri, signal, (libvirt) => rebootDomain(libvirt, machine.domain, call)),
    ));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new UserError(
      `machine "${name}" was not up again within ${options.limit}. Look at its console ("virsh console ${machine.domain}").`,
    );
  }
  if (!isBack) {
    throw new UserError(
      `machine "${name}" is up, and HAProxy does not find what runs on it well, for the reason above. "pulumi up --refresh" starts what has stopped.`,
    );
  }
  say(`${name} is up again after ${formatDuration(performance.now() - began)}`);
}
