import { demultiplex } from "../engine/demultiplex.js";
import type { Engine } from "../engine/engine.js";
import type { Inspect } from "./types.js";

const lines = 20;

/** The end of a container's log and of its health check's output, for an error message. Never fails itself. */
export async function lastWords(engine: Engine, live: Inspect, signal: AbortSignal): Promise<string> {
  const log = await containerLog(engine, live, signal, lines).catch((error: Error) => `(${error.message})`);
  const checks = live.State.Health?.Log ?? [];
  const last = checks.at(-1);
  return [
    section(`Its last log lines:`, log),
    last ? section(`Its health check ended with code ${last.ExitCode} and said:`, last.Output) : "",
  ].join("");
}

/** What the container wrote to its standard output and error; all of it without `tail`. */
export async function containerLog(
  engine: Engine,
  live: Inspect,
  signal: AbortSignal,
  tail?: number,
): Promise<string> {
  const log = await engine.stream("GET", `/containers/${live.Id}/logs`, {
    signal,
    query: { stdout: true, stderr: true, tail },
  });
  const chunks: Buffer[] = [];
  for await (const chunk of log as AsyncIterable<Buffer>) chunks.push(chunk);
  return demultiplex(Buffer.concat(chunks), live.Config.Tty);
}

function section(title: string, text: string): string {
  const body = text.trimEnd();
  return body === "" ? "" : `\n${title}\n${body.replace(/^/gm, "  ")}`;
}
