import { afterAll, beforeAll } from "vitest";
import { container } from "../../../providers/docker/container/container.js";
import { urnLabel } from "../../../providers/docker/plain.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { cuts, describeFaults } from "../../support/docker/faults.js";
import { type FaultyLine, startFaultyLine } from "../../support/docker/faultyLine.js";

let server: DockerServer;
let line: FaultyLine;

beforeAll(async () => {
  server = await startDockerServer();
  await server.docker.createNetwork({ Name: "front" });
  await server.docker.createNetwork({ Name: "back" });
  line = await startFaultyLine(server.socket);
});
afterAll(async () => {
  await line?.close();
  await server?.stop();
});

const base = { image, command: ["sleep", "600"], destroyGraceSeconds: 0 };
const filters = { label: [urnLabel] };

describeFaults(
  {
    name: "container",
    handler: container,
    inputs: {
      ...base,
      memory: 32,
      networksAdvanced: [{ name: "front" }, { name: "back" }],
      uploads: [{ file: "/etc/hello", content: "hello" }],
      healthcheck: { tests: ["CMD", "true"], interval: "100ms" },
      wait: true,
    },
    changed: { ...base, memory: 48 },
    marked: () => server.docker.listContainers({ all: true, filters }),
  },
  cuts,
  () => line,
);
