import type { Container } from "dockerode";
import { textBlock } from "../textBlock.js";

/** The name of a container that runs. @throws Error with its last words where it does not. */
export async function requireRunning(container: Container): Promise<string> {
  const found = await container.inspect().catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404) throw error;
    throw new Error(
      `container ${container.id} does not exist, so it cannot be given a configuration. Refresh, then update again.`,
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
