import { readFields } from "./protobuf.js";

/** What BuildKit tells of a build in one message: the steps it has come to, and what they print. */
export interface BuildKitTrace {
  readonly steps: string[];
  readonly output: string[];
}

/**
 * Reads a message `moby.buildkit.trace`: base64 of the protocol buffer `StatusResponse` of BuildKit's control API, of which
 * a vertex's name (1.3) and a log's text (3.4) are taken.
 */
export function readBuildKitTrace(base64: string): BuildKitTrace {
  const trace: BuildKitTrace = { steps: [], output: [] };
  for (const [field, message] of readFields(Buffer.from(base64, "base64"))) {
    if (field !== 1 && field !== 3) continue;
    for (const [inner, value] of readFields(message)) {
      const text = value.toString("utf8");
      if (field === 1 && inner === 3) trace.steps.push(text);
      if (field === 3 && inner === 4)
        trace.output.push(...text.split("\n").filter((line) => line.trim() !== ""));
    }
  }
  return trace;
}
