import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { Container } from "dockerode";

export interface ContainerExec {
  readonly code: number;
  /** Both streams, in order of arrival. */
  readonly output: string;
}

/** Runs a command in a running container; as the container's own user where none is given. */
export async function execInContainer(
  container: Container,
  command: readonly string[],
  signal: AbortSignal,
  user?: string,
): Promise<ContainerExec> {
  const exec = await container.exec({
    Cmd: [...command],
    AttachStdout: true,
    AttachStderr: true,
    ...(user === undefined ? {} : { User: user }),
    abortSignal: signal,
  });
  const stream = await exec.start({ abortSignal: signal });
  const both = new PassThrough();
  container.modem.demuxStream(stream, both, both);
  stream.on("end", () => both.end()).on("error", (error: Error) => both.destroy(error));
  const output = await text(both);
  const { ExitCode } = await exec.inspect();
  return { code: ExitCode ?? 1, output };
}
