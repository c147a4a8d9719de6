import type * as docker from "@pulumi/docker";
import type { FunctionHandler } from "../../kit/index.js";
import type { Configuration } from "../configuration.js";
import type { Inspect } from "../container/types.js";
import { demultiplex } from "../engine/demultiplex.js";
import { ifExists } from "../engine/engineError.js";

/**
 * `docker:index/getLogs:getLogs`: what a container has written, line by line. With `follow`, until the container ends.
 * `discardHeaders: false` leaves Docker's framing, eight bytes before each piece, in the lines of containers without a
 * terminal.
 */
export const getLogs: FunctionHandler<Configuration> = async (
  args,
  { config: { engine }, signal, status },
) => {
  const given = args as docker.GetLogsArgs;
  const { name, details, follow, since, tail, timestamps, until } = given;
  const { discardHeaders = true, logsListStringEnabled = true } = given;
  // Where only one is told about, the other is the opposite; where neither is, both.
  const showStdout = given.showStdout ?? !given.showStderr;
  const showStderr = given.showStderr ?? !given.showStdout;
  if (!showStdout && !showStderr)
    throw new Error("getLogs: one of showStdout and showStderr must be on, or there is nothing to show.");
  const path = `/containers/${encodeURIComponent(name)}`;
  const live = await ifExists(engine.call<Inspect>("GET", `${path}/json`, { signal }));
  if (!live) throw new Error(`the engine has no container "${name}".`);
  if (follow) status(`reading the log of container ${name} until it ends`);
  const query = { stdout: showStdout, stderr: showStderr, details, follow, since, tail, timestamps, until };
  const answer = await engine.stream("GET", `${path}/logs`, { signal, query });
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const log = demultiplex(Buffer.concat(chunks), live.Config.Tty || !discardHeaders);
  return { ...args, id: live.Id, logsListStrings: logsListStringEnabled ? linesOf(log) : [] };
};

function linesOf(log: string): string[] {
  const lines = log.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
