import { connectDocker } from "../../connection/index.js";
import type { Call } from "../../kit/index.js";
import { applyConfig } from "../haproxy/applyConfig.js";
import { parseConfig, type ServerLine } from "../haproxy/configText.js";
import { ContainerShell } from "../haproxy/containerShell.js";
import { replaceServers } from "../haproxy/replaceServers.js";
import { runningContainers } from "../haproxy/runningContainers.js";
import { runtimeApiOf } from "../haproxy/runtimeApiOf.js";
import { type ServerFigures, serverFigures } from "../haproxy/serverFigures.js";
import { readShellFile } from "../haproxy/shellFiles.js";
import type { BalancerInputs } from "./types.js";

/** One backend of one running HAProxy: where a rollout's servers come and go. */
export class Edge {
  private constructor(
    private readonly shell: ContainerShell,
    readonly balancer: BalancerInputs,
    /** The backend's servers as the file has them at the rollout's begin. */
    readonly before: readonly ServerLine[],
  ) {}

  /**
   * Every HAProxy that runs and has the backend in its file; one that has not gets it with its whole configuration, later.
   *
   * @param closing what is to be closed when the work with them has ended, also where this fails
   */
  static async find(
    balancers: readonly BalancerInputs[],
    closing: Closing[],
    signal: AbortSignal,
  ): Promise<Edge[]> {
    const found = balancers.map(async (balancer) => {
      const connection = connectDocker(balancer.docker);
      closing.push(connection);
      const { docker } = connection;
      const edges = (await runningContainers(docker, balancer.labels)).map(async (id) => {
        const shell = new ContainerShell(docker.getContainer(id));
        closing.push(shell);
        const file = await readShellFile(shell, balancer.path, signal);
        const section = file && backendOf(file.text, balancer.backend);
        if (section === undefined) return [];
        return [new Edge(shell, balancer, section.servers)];
      });
      return (await Promise.all(edges)).flat();
    });
    return (await Promise.all(found)).flat();
  }

  /** Brings other servers of the backend into force, new ones before old ones go, and writes them into the file. */
  change(lines: (present: readonly ServerLine[]) => readonly string[], call: Call<unknown>): Promise<void> {
    const { backend, path } = this.balancer;
    const config = (current = "") => {
      const section = backendOf(current, backend);
      return section && replaceServers(current, new Map([[section.title, lines(section.servers)]]));
    };
    return applyConfig(this.shell, { config, path }, call);
  }

  /** Asks what HAProxy says of the backend's servers, which is nothing where its Runtime API can't be asked. */
  async asks(signal: AbortSignal): Promise<Ask> {
    const { backend, path } = this.balancer;
    const api = await runtimeApiOf(this.shell, signal, path);
    if (api === undefined) return async () => [];
    return async (signal) => {
      const all = serverFigures(await api.ask("show stat -1 4 -1", signal));
      return all.filter(({ server }) => server.startsWith(`${backend}/`));
    };
  }
}

/** One look at a backend's servers. */
export type Ask = (signal: AbortSignal) => Promise<ServerFigures[]>;

export interface Closing {
  close(): void;
}

function backendOf(text: string, backend: string) {
  return parseConfig(text).find(
    ({ kind, name }) => (kind === "backend" || kind === "listen") && name === backend,
  );
}
