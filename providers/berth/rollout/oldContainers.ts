import type Docker from "dockerode";
import { connectDocker } from "../../connection/index.js";
import type { Call } from "../../kit/index.js";
import { runningContainers } from "../haproxy/runningContainers.js";
import type { RolloutInputs } from "./types.js";

/**
 * Stops the containers of replicas that no load balancer sends requests to any more; the engine deletes them at the end of the
 * update. On an engine that can't be reached they go on: they do no harm.
 */
export async function stopOldContainers(inputs: RolloutInputs, call: Call<unknown>): Promise<void> {
  const { labels, stopGraceSeconds } = inputs;
  const work = Object.entries(inputs.replicas).flatMap(([key, { endpoint, engines }]) =>
    engines.map(async (engine) => {
      const { docker, close } = connectDocker(engine);
      try {
        for (const id of await runningContainers(docker, { ...labels, "berth.replica": key })) {
          if (!(await publishesElsewhere(docker.getContainer(id), endpoint))) continue;
          call.status(`stopping the container that ${key} had`);
          await docker.getContainer(id).stop({ t: stopGraceSeconds }).catch(unlessGone);
        }
      } catch (error) {
        call.signal.throwIfAborted();
        call.log("warning", `the container that ${key} had was not stopped: ${(error as Error).message}`);
      } finally {
        close();
      }
    }),
  );
  await Promise.all(work);
}

/** A container that an update has stopped, and that is the right one after all, as the description went back, is started again. */
export async function startContainers({ replicas }: RolloutInputs): Promise<void> {
  const work = Object.values(replicas).map(async ({ container, engines: [engine] }) => {
    if (container === undefined || engine === undefined) return;
    const { docker, close } = connectDocker(engine);
    try {
      const { State } = await docker.getContainer(container).inspect();
      if (!State.Running) await docker.getContainer(container).start();
    } finally {
      close();
    }
  });
  await Promise.all(work);
}

/** One that publishes nothing can't be told from its successor, and is left alone. */
async function publishesElsewhere(container: Docker.Container, endpoint: string): Promise<boolean> {
  const { HostConfig } = await container.inspect();
  const bindings = Object.values((HostConfig.PortBindings ?? {}) as Record<string, Binding[] | null>)
    .flatMap((list) => list ?? [])
    .map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`);
  return bindings.length > 0 && !bindings.includes(endpoint);
}

interface Binding {
  readonly HostIp: string;
  readonly HostPort: string;
}

function unlessGone(error: { statusCode?: number }): void {
  // 304: it has stopped already.
  if (error.statusCode !== 304 && error.statusCode !== 404) throw error;
}
