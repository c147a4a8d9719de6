import type { Readable } from "node:stream";
import { type Message, messages } from "../engine/messages.js";

/** Reads a pull or push to its end, showing how far it is. Fails with the engine's words. Gives the last `aux` message. */
export async function followTransfer(
  answer: Readable,
  what: string,
  status: (message: string) => void,
): Promise<Message["aux"]> {
  const layers = new Map<string, { current: number; total: number }>();
  let aux: Message["aux"];
  let shown = "";
  for await (const message of messages(answer)) {
    if (message.error !== undefined) throw new Error(`${what} failed: ${message.error}`);
    aux = message.aux ?? aux;
    const { current, total } = message.progressDetail ?? {};
    if (!message.id || !total) continue;
    layers.set(message.id, { current: current ?? 0, total });
    const text = progress([...layers.values()]);
    if (text !== shown) status(`${what}: ${text}`);
    shown = text;
  }
  return aux;
}

function progress(layers: readonly { current: number; total: number }[]): string {
  const sum = (pick: (layer: { current: number; total: number }) => number) =>
    layers.reduce((bytes, layer) => bytes + pick(layer), 0) / 1e6;
  const [done, total] = [sum((layer) => layer.current), sum((layer) => layer.total)];
  return `${done.toFixed(total < 10 ? 1 : 0)} of ${total.toFixed(total < 10 ? 1 : 0)} MB`;
}
