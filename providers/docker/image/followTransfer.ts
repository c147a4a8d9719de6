import type { Readable } from "node:stream";
import { messages } from "../engine/messages.js";

/** Reads a pull or push to its end, showing how far it is. Fails with the engine's words. Gives the digest that a push tells. */
export async function followTransfer(
  answer: Readable,
  what: string,
  status: (message: string) => void,
): Promise<string | undefined> {
  const layers = new Map<string, { current: number; total: number }>();
  let digest: string | undefined;
  let shown = "";
  for await (const message of messages(answer)) {
    const failure = message.error ?? message.errorDetail?.message;
    if (failure !== undefined) throw new Error(`${what} failed: ${failure}`);
    if (typeof message.aux === "object") digest = message.aux.Digest ?? digest;
    // All that an engine says which keeps its images in containerd.
    digest ??= /: digest: (sha256:[0-9a-f]{64}) size: /.exec(message.status ?? "")?.[1];
    const { current, total } = message.progressDetail ?? {};
    if (!message.id || !total) continue;
    layers.set(message.id, { current: current ?? 0, total });
    const text = progress([...layers.values()]);
    if (text !== shown) status(`${what}: ${text}`);
    shown = text;
  }
  return digest;
}

function progress(layers: readonly { current: number; total: number }[]): string {
  const sum = (pick: (layer: { current: number; total: number }) => number) =>
    layers.reduce((bytes, layer) => bytes + pick(layer), 0) / 1e6;
  const [done, total] = [sum((layer) => layer.current), sum((layer) => layer.total)];
  return `${done.toFixed(total < 10 ? 1 : 0)} of ${total.toFixed(total < 10 ? 1 : 0)} MB`;
}
