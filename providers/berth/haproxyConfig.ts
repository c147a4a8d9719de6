import { createHash } from "node:crypto";
import type Docker from "dockerode";
import { connectDocker, machineOff } from "../connection/index.js";
import { type Call, inputChanges, type ResourceHandler } from "../kit/index.js";
import { applyConfig } from "./haproxy/applyConfig.js";
import { readContainerFile } from "./haproxy/containerFiles.js";
import { inShell } from "./haproxy/containerShell.js";
import { describeDrift } from "./haproxy/describeDrift.js";
import { lookAtHaproxy, planFor } from "./haproxy/liveHaproxy.js";
import { defaultConfigPath } from "./haproxy/runtimeApiOf.js";
import { type SecretFiles, secretsDifference } from "./haproxy/secretFiles.js";
import { warnOfCuts } from "./haproxy/warnOfCuts.js";
import { Mistakes } from "./mistakes.js";

export interface HaproxyConfigInputs {
  readonly docker: { readonly host: string; readonly sshOpts?: readonly string[] };
  readonly container: string;
  readonly config: string;
  readonly path: string;
  readonly secretFiles?: SecretFiles;
}

export interface HaproxyConfigState {
  readonly sha256: string;
  /** Whether what runs, servers included, is what the file says. False only after a refresh that found otherwise. */
  readonly inForce: boolean;
}

/** New servers' checks, then sessions of servers that go, which may take as long as old workers may live. */
const limitMs = 15 * 60_000;

/** The configuration that a HAProxy container runs. See the SDK's HaproxyConfig for its inputs. */
export const haproxyConfig: ResourceHandler<HaproxyConfigInputs, HaproxyConfigState, unknown> = {
  replaceOn: ["path"],
  computed: ["sha256", "inForce"],
  unstable: ["sha256", "inForce"],
  timeouts: { create: limitMs, update: limitMs },

  check(given) {
    const inputs = { ...given, path: given.path ?? defaultConfigPath };
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
    if (
      inputs.secretFiles !== undefined &&
      mistakes.record("secretFiles", inputs.secretFiles, "an object with the contents of files by name")
    ) {
      for (const [name, content] of Object.entries(inputs.secretFiles)) {
        if (!/^[\w+][\w.+-]*$/.test(name)) {
          mistakes.add("secretFiles", `has ${JSON.stringify(name)}; expected a file's name without a folder`);
        }
        mistakes.text(`secretFiles.${name}`, content, "the content of a file");
      }
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
    return { id: idOf(call.urn), state: await apply(inputs, undefined, call) };
  },

  async read(id, state, inputs, call) {
    if (!state || !inputs) {
      throw new Error(
        `HAProxy configuration ${id}: it cannot be imported, for its container is not known. Declare it instead.`,
      );
    }
    return withDocker(inputs, async (docker) => {
      const container = docker.getContainer(inputs.container);
      const found = await container.inspect().catch((error: { statusCode?: number }) => {
        const off = machineOff(error);
        if (error.statusCode === 404 || off === "gone") return undefined;
        if (off === "off") return off;
        throw error;
      });
      if (found === undefined) return undefined;
      // The file is on the disk of a machine that is off; what is to run does not.
      if (found === "off") return { id, state: { ...state, inForce: false }, inputs };
      if (!found.State.Running) {
        const config = (await readContainerFile(container, inputs.path))?.text ?? "";
        return { id, state: { sha256: sha256(config), inForce: false }, inputs: { ...inputs, config } };
      }
      const live = await inShell(container, (shell) => lookAtHaproxy(shell, inputs.path, call.signal));
      const config = live.file?.text ?? "";
      const { changed, gone } = secretsDifference(live.secrets, inputs.secretFiles ?? {});
      const [secret] = [...changed, ...gone];
      const drift =
        describeDrift(planFor(live, config)) ??
        (secret === undefined ? undefined : `secret file ${secret} is another one`);
      const inForce = drift === undefined;
      if (!inForce) call.log("info", `HAProxy in ${found.Name.replace(/^\//, "")} has drifted: ${drift}`);
      return { id, state: { sha256: sha256(config), inForce }, inputs: { ...inputs, config } };
    });
  },

  update({ oldInputs, inputs }, call) {
    return apply(inputs, oldInputs, call);
  },

  /** The file goes with its container. */
  async delete() {},
};

function apply(
  inputs: HaproxyConfigInputs,
  old: HaproxyConfigInputs | undefined,
  call: Call<unknown>,
): Promise<HaproxyConfigState> {
  return withDocker(inputs, async (docker) => {
    const { container, config, path, secretFiles = {} } = inputs;
    await inShell(docker.getContainer(container), async (shell) => {
      await applyConfig(shell, { config: () => config, path, secretFiles }, call);
      if (container !== old?.container) await warnOfCuts(shell, inputs.docker.host, call);
    });
    return { sha256: sha256(config), inForce: true };
  });
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
