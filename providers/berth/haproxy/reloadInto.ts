import type { Container } from "dockerode";
import { type Call, formatDuration, poll } from "../../kit/index.js";
import { textBlock } from "../textBlock.js";
import { type Candidate, inContainer, type Place } from "./candidate.js";
import { hardStopAfterMs, parseConfig } from "./configText.js";
import type { ContainerFile } from "./containerFiles.js";
import { haproxyWorkers } from "./haproxyWorkers.js";
import { reloadHaproxy } from "./reloadHaproxy.js";
import type { SecretChange } from "./secretFiles.js";

const everyMs = 250;

export interface ReloadRequest {
  readonly place: Place;
  /** The new file. */
  readonly candidate: Candidate;
  readonly old: ContainerFile | undefined;
  readonly config: string;
  readonly secrets: SecretChange;
  /** Until when it may take, by `Date.now()`. */
  readonly deadline: number;
}

/**
 * Puts the candidate in the file's place and reloads; where that fails, the old file is put back. Where servers go, waits until
 * the old workers have ended, which may still have sessions on them.
 */
export async function reloadInto(request: ReloadRequest, call: Call<unknown>): Promise<void> {
  const { place, candidate, old, config, secrets } = request;
  const { name } = place;
  const { container } = place.shell;
  await secrets.commit(call.signal);
  await candidate.commit(call.signal);
  try {
    await reloadHaproxy(container, call.signal);
  } catch (error) {
    const after = await putBack(request);
    call.signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    throw new Error(
      `container ${name}: this configuration passed HAProxy's check, but was not taken into force:\n${textBlock(words, 30)}\n${after}`,
      { cause: error },
    );
  }
  if (!serversGo(old?.text ?? "", config)) return;
  const left = Math.max(0, request.deadline - Date.now());
  const limitMs = Math.min(hardStopAfterMs(old?.text ?? "") ?? left, left);
  const limit = AbortSignal.timeout(limitMs);
  await workersEnded(container, AbortSignal.any([call.signal, limit]), call.status).catch(
    (error: unknown) => {
      if (call.signal.aborted || !limit.aborted) throw error;
      call.log(
        "warning",
        `container ${name}: after ${formatDuration(limitMs)}, an old worker still has sessions, which may be on servers that go.`,
      );
    },
  );
}

/** Waits until only the newest worker is left. Rejects with the signal's reason. */
export async function workersEnded(
  container: Container,
  signal: AbortSignal,
  status?: (message: string) => void,
): Promise<void> {
  await poll({
    what: "HAProxy's old workers, which finish what they have",
    signal,
    ...(status && { status }),
    every: everyMs,
    until: async () => (await haproxyWorkers(container)).length <= 1,
  });
}

/** Whether a server, by its address, is not in the new configuration any more. */
function serversGo(before: string, after: string): boolean {
  const endpoints = (text: string) =>
    parseConfig(text).flatMap(({ name, servers }) => servers.map(({ address }) => `${name} ${address}`));
  const stay = new Set(endpoints(after));
  return endpoints(before).some((endpoint) => !stay.has(endpoint));
}

/** Not under the call's signal: a cancelled update must not leave a configuration that does not work. */
async function putBack({ place, candidate, old, secrets }: ReloadRequest): Promise<string> {
  const signal = AbortSignal.timeout(60_000);
  try {
    await secrets.putBack();
    if (old) {
      await candidate.put(old, signal);
      await candidate.commit(signal);
    } else {
      await inContainer(place, ["rm", "-f", place.path], signal);
      return "There was no configuration before it; it has been removed again.";
    }
    await reloadHaproxy(place.shell.container, signal);
    return "The old configuration is back in force.";
  } catch (error) {
    return `Putting the old configuration back failed too: ${error instanceof Error ? error.message : error}`;
  }
}
