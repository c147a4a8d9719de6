import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

/**
 * A request after which the connection belongs to another protocol: the stream that it is then. An answer that refuses
 * has its `statusCode` on the error. On an abort it rejects with the signal's reason.
 */
export function upgradeRequest(
  agent: Agent,
  path: string,
  protocol: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      agent,
      host: "docker",
      method: "POST",
      path,
      headers: { ...headers, Connection: "Upgrade", Upgrade: protocol } as Record<string, string | string[]>,
      signal,
    });
    request.on("upgrade", (_response, stream, head) => {
      if (head.length > 0) stream.unshift(head);
      resolve(stream);
    });
    request.on("response", (response) => refuse(response).then(reject, reject));
    request.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    request.end();
  });
}

async function refuse(response: IncomingMessage): Promise<Error> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8").trim().slice(0, 500);
  return Object.assign(new Error(text || `HTTP ${response.statusCode}`), { statusCode: response.statusCode });
}
