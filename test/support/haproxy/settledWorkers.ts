import type { Container } from "dockerode";
import { haproxyWorkers } from "../../../providers/berth/haproxy/haproxyWorkers.js";
import { workersEnded } from "../../../providers/berth/haproxy/reloadInto.js";

/**
 * The process that serves in a container of HAProxy, once those of before the last reload have ended: one that is just about to
 * would not be there the next time, whatever happens in between.
 */
export async function settledWorkers(container: Container): Promise<number[]> {
  await workersEnded(container, AbortSignal.timeout(60_000));
  return (await haproxyWorkers(container)).map(({ pid }) => pid);
}
