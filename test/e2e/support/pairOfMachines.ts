import { setTimeout } from "node:timers/promises";
import { waitUntil } from "../../support/docker/waitUntil.js";
import type { Checkout } from "./checkout.js";

const limitMs = 60_000;
/** Before each look at both, which are logins, and take an emulated machine's only processor for a second. */
const betweenMs = 3_000;

/** Two machines of a checkout's stack with a load balancer on each, named `public`, and one address between them. */
export class PairOfMachines {
  constructor(
    private readonly checkout: Checkout,
    private readonly address: string,
    readonly names: readonly [string, string],
  ) {}

  other(name: string): string {
    return this.names.find((one) => one !== name)!;
  }

  /** A command on one of them. */
  async on(name: string, command: string): Promise<string> {
    return this.checkout.onMachine(name, (await this.#machine(name)).address, command);
  }

  /** The machines, of these, that have the address now: one, or for a moment none. */
  async active(among: readonly string[] = this.names): Promise<string[]> {
    const found: string[] = [];
    for (const name of among) {
      const has = await this.on(name, `ip -o -4 addr show | grep -c ' ${this.address}/' || true`);
      if (has !== "0") found.push(name);
    }
    return found;
  }

  /** Until it has the address, and none of the others does. */
  becomes(name: string, among: readonly string[] = this.names): Promise<void> {
    return waitUntil(`${name} alone to have ${this.address}`, limitMs, async () => {
      await setTimeout(betweenMs);
      const [first, ...more] = await this.active(among);
      return first === name && more.length === 0;
    });
  }

  /** The machine that has the address, once there is one. */
  async settled(): Promise<string> {
    let active: string[] = [];
    await waitUntil(`one machine to have ${this.address}`, limitMs, async () => {
      active = await this.active();
      return active.length === 1;
    });
    return active[0]!;
  }

  /** Its HAProxy's container, running or not. */
  haproxyOn(name: string): Promise<string> {
    return this.on(name, `docker ps --all --filter label=berth.loadBalancer=public --format '{{.Names}}'`);
  }

  /** As if its power were cut. */
  async cutPower(name: string): Promise<void> {
    await this.checkout.virsh("destroy", (await this.#machine(name)).domain);
  }

  async #machine(name: string) {
    return (await this.checkout.inventory()).machines.find((one) => one.name === name)!;
  }
}
