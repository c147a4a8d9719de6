import { setTimeout } from "node:timers/promises";
import type { Checkout } from "./checkout.js";

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
  async becomes(name: string, among: readonly string[] = this.names): Promise<void> {
    const end = Date.now() + 60_000;
    for (;;) {
      const active = await this.active(among);
      if (active.length === 1 && active[0] === name) return;
      if (Date.now() > end)
        throw new Error(`${this.address} is on ${active.join(" and ") || "no machine"}, not on ${name}`);
      await setTimeout(500);
    }
  }

  /** The machine that has the address, once there is one. */
  async settled(): Promise<string> {
    const end = Date.now() + 60_000;
    for (;;) {
      const [first, ...more] = await this.active();
      if (first !== undefined && more.length === 0) return first;
      if (Date.now() > end) throw new Error(`${this.address} is on no machine, or on both`);
      await setTimeout(500);
    }
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
