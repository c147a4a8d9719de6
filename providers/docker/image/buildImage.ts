import type { Call } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import { messages } from "../engine/messages.js";
import { type Credentials, registryConfigHeader } from "../registryAuth.js";
import { type BuildContext, contextArchive, dockerfileName } from "./buildContext.js";

/** Parameters of the Engine API's "build an image", beside the context's. */
export type BuildParameters = Readonly<Record<string, unknown>>;

const keptLines = 30;

/** Builds, showing the steps, with `credentials` by registry beside the provider's own, and gives the image's id. On a failure the error carries the build's last lines. */
export async function buildImage(
  context: BuildContext,
  parameters: BuildParameters,
  { config, signal, status }: Call<Configuration>,
  credentials: Readonly<Record<string, Credentials>> = {},
): Promise<string> {
  status("sending the build context");
  const answer = await config.engine.stream("POST", "/build", {
    signal,
    query: { dockerfile: dockerfileName(context), rm: true, forcerm: true, ...parameters },
    headers: registryConfigHeader({ ...config.allCredentials(), ...credentials }),
    file: contextArchive(context),
  });
  const lines: string[] = [];
  let id: string | undefined;
  for await (const { stream, aux, error } of messages(answer)) {
    if (error !== undefined) throw new Error(`the build failed: ${error}${lastLines(lines)}`);
    id = aux?.ID ?? id;
    for (const line of (stream ?? "").split("\n").filter((text) => text.trim() !== "")) {
      lines.push(line);
      if (line.startsWith("Step ")) status(line);
    }
    lines.splice(0, lines.length - keptLines);
  }
  if (id === undefined) throw new Error(`the build ended without an image.${lastLines(lines)}`);
  return id;
}

function lastLines(lines: readonly string[]): string {
  return lines.length === 0
    ? ""
    : `\nThe last lines of the build:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
