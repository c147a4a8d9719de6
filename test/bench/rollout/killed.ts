import { setTimeout } from "node:timers/promises";
import { serverFigures } from "../../../providers/berth/haproxy/serverFigures.js";
import type { Checkout } from "../../e2e/support/checkout.js";
import { readLab } from "../../e2e/support/lab.js";
import { PairOfMachines } from "../../e2e/support/pairOfMachines.js";
import { waitUntil } from "../../support/docker/waitUntil.js";
import { measureGap } from "../../support/load/measureGap.js";
import { startLoad } from "../../support/load/startLoad.js";
import type { LoadOptions } from "../../support/load/types.js";

/** What an end that nobody planned has cost. */
export interface Killed {
  readonly what: string;
  /** In words, with what was measured. */
  readonly seen: string;
  /** None: it kept to what is allowed. */
  readonly problem?: string;
}

/** Without an answer, for a killed load balancer of a pair. */
const mostMs = 3_000;
/** Of a service that says nothing else; until HAProxy sees that a machine is gone, two are allowed. */
const checkIntervalMs = 2_000;
const limitMs = 60_000;
const virtualAddress = "192.168.130.9";

/** A machine with a replica goes without a word, under load: what fails is what was in flight on it. */
export async function killMachine(
  checkout: Checkout,
  name: string,
  rates: LoadOptions["rates"],
): Promise<Killed> {
  const { machines, loadBalancers } = await checkout.inventory();
  const { domain, address } = machines.find((one) => one.name === name)!;
  const load = await startLoad({ url: loadBalancers[0]!.url, rates }, readLab(checkout.home).netns);
  await setTimeout(10_000);
  const inFlight = (await serversAt(checkout, address)).reduce((sum, { current }) => sum + current, 0);
  load.phase("machines: one killed");
  const began = Date.now();
  await checkout.virsh("destroy", domain);
  // What was asked between the look and the end was in flight too.
  const since = Date.now() - began;
  const perSecond = Object.values(rates).reduce((sum, rate) => sum + rate, 0);
  const most = inFlight + Math.ceil((perSecond * since) / 1000);
  const downMs = await untilDown(checkout, address, began);
  load.phase("machines: one less");
  await setTimeout(20_000);
  const { phases, failures } = await load.stop();
  const failed = phases.slice(1).reduce((sum, phase) => sum + phase.failed, 0);
  const problems = [
    ...(failed > most
      ? [`${failed} requests failed, and ${most} were in flight on it: ${failures.join("; ")}`]
      : []),
    ...(downMs > 2 * checkIntervalMs ? [`HAProxy took ${downMs} ms to see it`] : []),
  ];
  return {
    what: "a machine killed",
    seen: `${failed} requests failed, ${most} were in flight on it at most; HAProxy saw it after ${downMs} ms`,
    ...(problems.length > 0 && { problem: problems.join("; ") }),
  };
}

/** Two machines share one address: HAProxy on the active one is killed, then the whole of the active machine. */
export async function killLoadBalancers(
  checkout: Checkout,
  names: readonly [string, string],
): Promise<Killed[]> {
  const { netns } = readLab(checkout.home);
  const url = `http://${virtualAddress}/`;
  const pair = new PairOfMachines(checkout, virtualAddress, names);
  const first = await pair.settled();
  const container = await pair.haproxyOn(first);
  const process = await measureGap(url, netns, async () => {
    await pair.on(first, `docker kill ${container}`);
    await pair.becomes(pair.other(first));
  });
  await pair.on(first, `docker start ${container}`);
  // Until keepalived there has seen it answer twice, without which it would not take over.
  await setTimeout(5_000);
  const second = await pair.settled();
  const machine = await measureGap(url, netns, async () => {
    await pair.cutPower(second);
    await pair.becomes(pair.other(second), [pair.other(second)]);
  });
  return [
    { what: "the active load balancer killed", gap: process },
    { what: "the active load balancer's machine killed, and the replica on it", gap: machine },
  ].map(({ what, gap: { longestMs, failed, answered } }) => ({
    what,
    seen: `no answer for ${longestMs} ms; ${failed} of ${failed + answered} requests failed`,
    ...(longestMs > mostMs && { problem: `nobody answered for ${longestMs} ms` }),
  }));
}

/** How the load balancer's description becomes a pair on machines. */
export function asPair(config: Record<string, any>, names: readonly string[]): void {
  config["berth:loadBalancers"].public = {
    machines: [...names],
    virtualAddress: { address: virtualAddress },
    service: "web",
  };
}

async function untilDown(checkout: Checkout, address: string, began: number): Promise<number> {
  await waitUntil(`HAProxy to take ${address} for down`, limitMs, async () =>
    (await serversAt(checkout, address)).every(({ down }) => down),
  );
  return Date.now() - began;
}

/** HAProxy's figures of the servers at an address. */
async function serversAt(checkout: Checkout, address: string) {
  const { dockerHost } = readLab(checkout.home);
  const ask = `printf 'show stat -1 4 -1\\n' | socat - UNIX-CONNECT:/run/haproxy/admin.sock`;
  const script = `docker -H ${dockerHost} exec $(docker -H ${dockerHost} ps -q -f label=berth.loadBalancer=public) sh -c "$0"`;
  const { code, stdout, stderr } = await checkout.run("sh", ["-c", script, ask]);
  if (code !== 0) throw new Error(`HAProxy does not say what it has: ${stderr}`);
  return serverFigures(stdout).filter((one) => one.address.startsWith(`${address}:`));
}
