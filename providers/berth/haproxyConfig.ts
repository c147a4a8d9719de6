import { createHash } from "node:crypto";
import type Docker from "dockerode";
import { connectDocker } from "../connection/index.js";
import { type Call, inputChanges, type ResourceHandler } from "../kit/index.js";
import { applyConfig } from "./haproxy/applyConfig.js";
import { type ContainerFile, readContainerFile } from "./haproxy/containerFiles.js";
import { haproxyWorkers } from "./haproxy/haproxyWorkers.js";
import { Mistakes } from "./mistakes.js";

export interface HaproxyConfigInputs {
  readonly docker: { readonly host: string; readonly sshOpts?: readonly string[] };
  readonly container: string;
  readonly config: string;
  readonly path: string;
}

export interface HaproxyConfigState {
  readonly sha256: string;
  /** Whether the running worker started from the file. False only after a refresh that found otherwise. */
  readonly inForce: boolean;
}

const limitMs = 5 * 60_000;
const defaultPath = "/etc/haproxy/haproxy.cfg";
/** Both times are whole seconds, and a worker starts up to a second after its file was dated. */
const clockSlackSeconds = 2;

/** The configuration that a HAProxy container runs. See the SDK's HaproxyConfig for its inputs. */
export const haproxyConfig: ResourceHandler<HaproxyConfigInputs, HaproxyConfigState, unknown> = {
  replaceOn: ["path"],
  computed: ["sha256", "inForce"],
  unstable: ["sha256", "inForce"],
  timeouts: { create: limitMs, update: limitMs },

  check(given) {
    const inputs = { ...given, path: given.path ?? defaultPath };
    const mistakes = new Mistakes();
    if (mistakes.record("docker", inputs.docker, "an object with a Docker engine's host")) {
      const { host, sshOpts } = inputs.docker as Record<string, unknown>;
      if (
        mistakes.text("docker.host", host, '"unix://…" or "ssh://user@host"') &&
        !/^(unix|ssh|tcp):\/\/./.test(host)
      ) {
        mistakes.add("docker.host", `is "${host}"; expected "unix://…" or "ssh://user@host"`);
      }
      mistakes.texts("docker.sshOpts", sshOpts, "OpenSSH options", () => {});
    }
    mistakes.text("container", inputs.container, "a container's id");
    mistakes.text("config", inputs.config, "the text of a haproxy.cfg");
    if (
      mistakes.text("path", inputs.path, "a file's path in the container") &&
      !/^\/.*[^/]$/.test(inputs.path)
    ) {
      mistakes.add("path", `is "${inputs.path}"; expected the absolute path of a file in the container`);
    }
    return { inputs, failures: mistakes.failures };
  },

  diff({ state, oldInputs, inputs }) {
    const changes = inputChanges(oldInputs, inputs, ["path"]);
    if (!state.inForce) {
      changes.push({ path: "inForce", kind: "update", inputDiff: false });
    }
    return { changes };
  },

  async create(inputs, call) {
    return { id: idOf(call.urn), state: await apply(inputs, call) };
  },

  async read(id, state, inputs) {
    if (!state || !inputs) {
      throw new Error(
        `HAProxy configuration ${id}: it cannot be imported, for its container is not known. Declare it instead.`,
      );
    }
    return withDocker(inputs, async (docker) => {
      const container = docker.getContainer(inputs.container);
      const found = await container.inspect().catch((error: { statusCode?: number }) => {
        if (error.statusCode === 404) return undefined;
        throw error;
      });
      if (!found) return undefined;
      const file = await readContainerFile(container, inputs.path);
      const config = file?.text ?? "";
      const inForce =
        found.State.Running && file !== undefined && (await isInForce(docker, inputs.container, file));
      return { id, state: { sha256: sha256(config), inForce }, inputs: { ...inputs, config } };
    });
  },

  update({ inputs }, call) {
    return apply(inputs, call);
  },

  /** The file goes with its container. */
  async delete() {},
};

function apply(inputs: HaproxyConfigInputs, call: Call<unknown>): Promise<HaproxyConfigState> {
  return withDocker(inputs, async (docker) => {
    await applyConfig(docker, inputs, call);
    return { sha256: sha256(inputs.config), inForce: true };
  });
}

/** A worker that is older than the file has started from another one. */
async function isInForce(docker: Docker, id: string, file: ContainerFile): Promise<boolean> {
  const [worker] = await haproxyWorkers(docker.getContainer(id));
  if (!worker) return false;
  const { SystemTime } = (await docker.info()) as { SystemTime: string };
  const started = Date.parse(SystemTime) / 1000 - worker.age;
  return started >= file.modified - clockSlackSeconds;
}

async function withDocker<T>(inputs: HaproxyConfigInputs, use: (docker: Docker) => Promise<T>): Promise<T> {
  const connection = connectDocker(inputs.docker);
  try {
    return await use(connection.docker);
  } finally {
    connection.close();
  }
}

/** The resource's own name: it outlives the containers that it is put into. */
function idOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
