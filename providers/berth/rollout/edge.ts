import type Docker from "dockerode";
import { connectDocker, type DockerConnection } from "../../connection/index.js";
import type { Call } from "../../kit/index.js";
import { applyConfig } from "../haproxy/applyConfig.js";
import { parseConfig, runtimeSocket, type ServerLine } from "../haproxy/configText.js";
import { readContainerFile } from "../haproxy/containerFiles.js";
import { exclusively } from "../haproxy/exclusively.js";
import { replaceServers } from "../haproxy/replaceServers.js";
import { runningContainers } from "../haproxy/runningContainers.js";
import { RuntimeApi } from "../haproxy/runtimeApi.js";
import { type ServerFigures, serverFigures } from "../haproxy/serverFigures.js";
import type { BalancerInputs } from "./types.js";

/** One backend of one running HAProxy: where a rollout's servers come and go. */
export class Edge {
  private constructor(
    private readonly docker: Docker,
    private readonly container: string,
    readonly balancer: BalancerInputs,
    /** The backend's servers as the file has them at the rollout's begin. */
    readonly before: readonly ServerLine[],
  ) {}

  /** Every HAProxy that runs and has the backend in its file; one that has not gets it with its whole configuration, later. */
  static async find(balancers: readonly BalancerInputs[], connections: DockerConnection[]): Promise<Edge[]> {
    const found = balancers.map(async (balancer) => {
      const connection = connectDocker(balancer.docker);
      connections.push(connection);
      const { docker } = connection;
      const edges = (await runningContainers(docker, balancer.labels)).map(async (id) => {
        const file = await readContainerFile(docker.getContainer(id), balancer.path);
        const section = file && backendOf(file.text, balancer.backend);
        return section === undefined ? [] : [new Edge(docker, id, balancer, section.servers)];
      });
      return (await Promise.all(edges)).flat();
    });
    return (await Promise.all(found)).flat();
  }

  /** Brings other servers of the backend into force, new ones before old ones go, and writes them into the file. */
  change(lines: (present: readonly ServerLine[]) => readonly string[], call: Call<unknown>): Promise<void> {
    const { backend, path } = this.balancer;
    return exclusively(this.container, call.signal, async () => {
      const file = await readContainerFile(this.docker.getContainer(this.container), path);
      const section = file && backendOf(file.text, backend);
      if (section === undefined) return;
      const config = replaceServers(file!.text, new Map([[section.title, lines(section.servers)]]));
      await applyConfig(this.docker, { container: this.container, config, path }, call);
    });
  }

  /**
   * Work that asks time and again what HAProxy says of the backend's servers, which is nothing where its Runtime API can't be asked: in
   * one conversation, as each program started in its container takes a processor from what it balances.
   */
  async watching<T>(
    signal: AbortSignal,
    work: (figures: () => Promise<ServerFigures[]>) => Promise<T>,
  ): Promise<T> {
    const { backend, path } = this.balancer;
    const container = this.docker.getContainer(this.container);
    const socket = runtimeSocket((await readContainerFile(container, path))?.text ?? "");
    if (socket === undefined) return work(async () => []);
    return new RuntimeApi(container, socket).conversing(signal, (api) =>
      work(async () => {
        const all = serverFigures(await api.ask("show stat -1 4 -1", signal));
        return all.filter(({ server }) => server.startsWith(`${backend}/`));
      }),
    );
  }
}

function backendOf(text: string, backend: string) {
  return parseConfig(text).find(
    ({ kind, name }) => (kind === "backend" || kind === "listen") && name === backend,
  );
}
