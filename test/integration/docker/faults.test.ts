import { afterAll, beforeAll } from "vitest";
import { network } from "../../../providers/docker/network.js";
import { urnLabel } from "../../../providers/docker/plain.js";
import { secret } from "../../../providers/docker/swarm/secret.js";
import { service } from "../../../providers/docker/swarm/service/service.js";
import { serviceConfig } from "../../../providers/docker/swarm/serviceConfig.js";
import { volume } from "../../../providers/docker/volume.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { cuts, describeFaults, type Subject } from "../../support/docker/faults.js";
import { type FaultyLine, startFaultyLine } from "../../support/docker/faultyLine.js";

let server: DockerServer;
let line: FaultyLine;

beforeAll(async () => {
  server = await startDockerServer();
  await server.docker.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
  line = await startFaultyLine(server.socket);
});
afterAll(async () => {
  await line?.close();
  await server?.stop();
});

const filters = { label: [urnLabel] };
const labels = [{ label: "a", value: "1" }];
const withMark = (things: readonly any[]) => things.filter((it) => it.Spec.Labels?.[urnLabel]);
const idle = {
  mode: { replicated: { replicas: 0 } },
  taskSpec: { containerSpec: { image, commands: ["sleep", "600"] } },
};

// Containers, which take longer, are among the long tests.
const subjects: Subject[] = [
  {
    name: "network",
    handler: network,
    inputs: { labels },
    marked: () => server.docker.listNetworks({ filters }),
  },
  {
    name: "volume",
    handler: volume,
    inputs: { labels },
    marked: async () => (await server.docker.listVolumes({ filters: JSON.stringify(filters) })).Volumes,
  },
  {
    name: "secret",
    handler: secret,
    inputs: { data: "eA==" },
    changed: { data: "eA==", labels },
    marked: async () => withMark(await server.docker.listSecrets()),
  },
  {
    name: "config",
    handler: serviceConfig,
    inputs: { dataRaw: "x" },
    changed: { dataRaw: "x", labels },
    marked: async () => withMark(await server.docker.listConfigs()),
  },
  {
    name: "service",
    handler: service,
    inputs: idle,
    changed: { ...idle, labels },
    marked: async () => withMark(await server.docker.listServices()),
  },
];

for (const subject of subjects) describeFaults(subject, cuts, () => line);
