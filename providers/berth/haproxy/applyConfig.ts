import type Docker from "dockerode";
import type { Container } from "dockerode";
import type { Call } from "../../kit/index.js";
import { textBlock } from "../textBlock.js";
import { type ContainerFile, putContainerFile, readContainerFile } from "./containerFiles.js";
import { execInContainer } from "./execInContainer.js";
import { explainRefusal, haproxyWords } from "./haproxyWords.js";
import { reloadHaproxy } from "./reloadHaproxy.js";

export interface ConfigRequest {
  readonly container: string;
  readonly config: string;
  readonly path: string;
}

/** Checks a configuration in its container, puts it in place and reloads; where that fails, the old one is put back. */
export async function applyConfig(
  docker: Docker,
  request: ConfigRequest,
  call: Call<unknown>,
): Promise<void> {
  const { config, path } = request;
  const container = docker.getContainer(request.container);
  const name = await requireRunning(container, request.container);
  const old = await readContainerFile(container, path);
  const { SystemTime } = (await docker.info()) as { SystemTime: string };
  const file = { text: config, modified: Math.floor(Date.parse(SystemTime) / 1000) };
  call.status(`checking the configuration in ${name}`);
  const candidate = await putChecked(container, name, path, file, call);
  await inContainer(container, name, ["mv", "-f", candidate, path], call.signal);
  call.status(`reloading HAProxy in ${name}`);
  try {
    await reloadHaproxy(container, call.signal);
  } catch (error) {
    const after = await putBack(container, name, path, old);
    call.signal.throwIfAborted();
    const words = error instanceof Error ? error.message : String(error);
    throw new Error(
      `container ${name}: this configuration passed HAProxy's check, but was not taken into force:\n${textBlock(words, 30)}\n${after}`,
      { cause: error },
    );
  }
}

async function requireRunning(container: Container, id: string): Promise<string> {
  const found = await container.inspect().catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404) throw error;
    throw new Error(
      `container ${id} does not exist, so it cannot be given a configuration. Refresh, then update again.`,
    );
  });
  const name = found.Name.replace(/^\//, "");
  if (found.State.Running) return name;
  const log = await container.logs({ tail: 10, stdout: true, stderr: true }).catch(() => Buffer.alloc(0));
  throw new Error(
    `container ${name} is not running (${found.State.Status}, exit code ${found.State.ExitCode}), and only a running HAProxy ` +
      `can check and reload a configuration. Start it (docker start ${name}). Its last words:\n${textBlock(plainLog(log), 10)}`,
  );
}

/** Puts the file beside the real one and has HAProxy check it. Gives the candidate's path. */
async function putChecked(
  container: Container,
  name: string,
  path: string,
  file: ContainerFile,
  call: Call<unknown>,
): Promise<string> {
  const candidate = `${path}.candidate`;
  await putContainerFile(container, candidate, file).catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404) throw error;
    throw new Error(
      `container ${name} has no folder for ${path}. Correct "path", or make the folder part of its image.`,
    );
  });
  const { code, output } = await execInContainer(container, ["haproxy", "-c", "-f", candidate], call.signal);
  const words = haproxyWords(output, candidate, path);
  for (const warning of words.warnings) call.log("warning", `HAProxy warns: ${warning}`);
  if (code === 0) return candidate;
  await inContainer(container, name, ["rm", "-f", candidate], call.signal);
  throw new Error(
    `container ${name}: HAProxy refuses this configuration; the one in force stays.\n${explainRefusal(words, file.text)}\n` +
      'Correct "config".',
  );
}

/** Not under the call's signal: a cancelled update must not leave a configuration that does not work. */
async function putBack(
  container: Container,
  name: string,
  path: string,
  old: ContainerFile | undefined,
): Promise<string> {
  const signal = AbortSignal.timeout(60_000);
  try {
    const candidate = `${path}.candidate`;
    if (old) {
      await putContainerFile(container, candidate, old);
      await inContainer(container, name, ["mv", "-f", candidate, path], signal);
    } else {
      await inContainer(container, name, ["rm", "-f", path], signal);
      return "There was no configuration before it; it has been removed again.";
    }
    await reloadHaproxy(container, signal);
    return "The old configuration is back in force.";
  } catch (error) {
    return `Putting the old configuration back failed too: ${error instanceof Error ? error.message : error}`;
  }
}

/** As root: the file's folder need not belong to HAProxy's user. */
async function inContainer(
  container: Container,
  name: string,
  command: string[],
  signal: AbortSignal,
): Promise<void> {
  const { code, output } = await execInContainer(container, command, signal, "0");
  if (code === 0) return;
  throw new Error(`container ${name}: "${command.join(" ")}" failed (exit code ${code}): ${output.trim()}`);
}

/** Docker's log frames have a head of eight bytes, which begins with the stream's number. */
function plainLog(log: Buffer): string {
  let text = "";
  for (let at = 0; at + 8 <= log.length; ) {
    const length = log.readUInt32BE(at + 4);
    text += log.toString("utf8", at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text;
}
