import type Docker from "dockerode";
import { connectDocker } from "../../connection/index.js";
import { textBlock } from "../textBlock.js";
import type { RolloutInputs } from "./types.js";

const lines = 10;

/** The end of what the new containers wrote, replica by replica, for an error. Never fails itself. */
export async function lastWords({ replicas }: RolloutInputs): Promise<string> {
  const found = Object.entries(replicas).map(
    async ([
      key,
      {
        container,
        engines: [engine],
      },
    ]) => {
      if (container === undefined || engine === undefined) return "";
      const { docker, close } = connectDocker(engine);
      try {
        const text = await logOf(docker.getContainer(container));
        return text === "" ? "" : `\nThe last log lines of ${key}:\n${textBlock(text, lines)}`;
      } catch {
        return "";
      } finally {
        close();
      }
    },
  );
  return (await Promise.all(found)).join("");
}

async function logOf(container: Docker.Container): Promise<string> {
  const raw = await container.logs({ stdout: true, stderr: true, tail: lines });
  const { Config } = await container.inspect();
  return (Config.Tty ? raw : Buffer.concat(frames(raw))).toString("utf8").trim();
}

/** Without a terminal both streams come in frames: eight bytes, the last four of which say how many follow. */
function frames(raw: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const end = at + 8 + raw.readUInt32BE(at + 4);
    found.push(raw.subarray(at + 8, end));
    at = end;
  }
  return found;
}
