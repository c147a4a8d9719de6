import { closeSync, openSync, writeSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Call } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { readBuildKitTrace } from "../engine/buildKitTrace.js";
import { EngineError } from "../engine/engineError.js";
import { messages } from "../engine/messages.js";
import { type Credentials, registryConfigHeader, serverOf } from "../registryAuth.js";
import { type BuildContext, contextArchive, dockerfileName } from "./buildContext.js";
import { type BuildSession, openBuildSession } from "./buildSession.js";

/** Parameters of the Engine API's "build an image", beside the context's. */
export type BuildParameters = Readonly<Record<string, unknown>>;

export interface BuildOptions {
  /** By registry, beside the provider's own. */
  readonly credentials?: Readonly<Record<string, Credentials>>;
  /** For BuildKit: build secrets, by their ids. */
  readonly secrets?: ReadonlyMap<string, Buffer>;
  /** For BuildKit: the session's id. Default: a random one. */
  readonly sessionId?: string | undefined;
  /** A file that is given all that the build prints. */
  readonly logFile?: string | undefined;
}

const keptLines = 30;
/** Shorter ones would blank half of the text. */
const leastSecret = 6;

/** Builds, showing the steps, and gives the image's id. On a failure the error carries the build's last lines. */
export async function buildImage(
  context: BuildContext,
  parameters: BuildParameters,
  call: Call<Configuration>,
  options: BuildOptions = {},
): Promise<string> {
  const { config, signal, status } = call;
  const session = parameters["version"] === "2" ? await openSession(options, call) : undefined;
  const log = options.logFile === undefined ? undefined : openSync(options.logFile, "w", 0o600);
  try {
    status("sending the build context");
    const answer = await config.engine.stream("POST", "/build", {
      signal,
      query: {
        dockerfile: dockerfileName(context),
        rm: true,
        forcerm: true,
        ...parameters,
        session: session?.id,
      },
      headers: registryConfigHeader({ ...config.allCredentials(), ...options.credentials }),
      ...(parameters["remote"] === undefined && { file: contextArchive(context) }),
    });
    const blank = blanker(options.secrets);
    return await follow(answer, status, (line) => {
      const text = blank(line);
      if (log !== undefined) writeSync(log, `${text}\n`);
      return text;
    });
  } finally {
    session?.close();
    if (log !== undefined) closeSync(log);
  }
}

/** An engine without sessions builds all the same, where nothing has to be asked for. */
async function openSession(
  { secrets = new Map(), credentials: own = {}, sessionId }: BuildOptions,
  { config, signal, log }: Call<Configuration>,
): Promise<BuildSession | undefined> {
  const credentials = (server: string) =>
    Object.entries(own).find(([key]) => serverOf(key) === server)?.[1] ?? config.credentials(server);
  try {
    return await openBuildSession(config.engine, { secrets, credentials }, signal, sessionId);
  } catch (error) {
    if (!(error instanceof EngineError) || secrets.size > 0) throw error;
    log("debug", `builds without a session: ${error.message}`);
    return undefined;
  }
}

async function follow(
  answer: Readable,
  status: (message: string) => void,
  keep: (line: string) => string,
): Promise<string> {
  const lines: string[] = [];
  const add = (line: string) => {
    lines.push(keep(line));
    lines.splice(0, Math.max(0, lines.length - keptLines));
  };
  let id: string | undefined;
  for await (const { stream, aux, error, errorDetail } of messages(answer)) {
    const failure = error ?? errorDetail?.message;
    if (failure !== undefined) throw new Error(`the build failed: ${failure}${lastLines(lines)}`);
    if (typeof aux === "string") {
      const { steps, output } = readBuildKitTrace(aux);
      for (const step of steps) status(step);
      for (const line of output) add(line);
    } else {
      id = aux?.ID ?? id;
    }
    for (const line of (stream ?? "").split("\n").filter((text) => text.trim() !== "")) {
      add(line);
      if (line.startsWith("Step ")) status(line);
      // All that a build says whose output is suppressed.
      if (/^sha256:[0-9a-f]{64}$/.test(line)) id ??= line;
    }
  }
  if (id === undefined) throw new Error(`the build ended without an image.${lastLines(lines)}`);
  return id;
}

/** Takes build secrets out of what is shown and kept. */
function blanker(secrets: ReadonlyMap<string, Buffer> = new Map()): (line: string) => string {
  const words = [...secrets.values()]
    .flatMap((secret) => secret.toString("utf8").split(/\r?\n/))
    .filter((word) => word.length >= leastSecret);
  return (line) => words.reduce((text, word) => text.replaceAll(word, "[secret]"), line);
}

function lastLines(lines: readonly string[]): string {
  return lines.length === 0
    ? ""
    : `\nThe last lines of the build:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
