import { join } from "node:path";
import { cacheDir } from "../integration/berth-provider/support/cacheDir.js";
import { Machines, type Made } from "./machines.js";

/** A lab of its own with machines of these names, all forks of one template, which is kept in the cache for other tests. */
export async function startForks<const Names extends readonly string[]>(
  ...names: Names
): Promise<[Machines, ...{ [Each in keyof Names]: Made }]> {
  const machines = await Machines.start(join(cacheDir, "templates"));
  try {
    const { state } = await machines.template();
    const made = names.map(async (name) => machines.make(await machines.inputs(name, state)));
    return [machines, ...((await Promise.all(made)) as { [Each in keyof Names]: Made })];
  } catch (error) {
    await machines.stop();
    throw error;
  }
}

/** Starts a container that comes back by itself, of an image that needs no network. */
export async function startBox(machines: Machines, machine: string): Promise<void> {
  await machines.inGuest(
    machine,
    `set -e; cd /tmp; mkdir -p root/bin; cp /bin/busybox root/bin/; tar -C root -c . | docker import - box
    docker run --detach --restart unless-stopped --name kept box /bin/busybox sleep 100000`,
  );
}
