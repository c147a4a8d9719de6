import { type Agent, get } from "node:http";

/** Minor versions of Engine API 1: the newest that the requests here are tested with (Docker 29), the oldest (20.10). */
const newest = 56;
const oldest = 41;
const answerTimeoutMs = 45_000;

/** Asks the engine for its API version and agrees on one, such as `v1.41`. */
export function negotiateVersion(agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ agent, host: "docker", path: "/_ping" }, (response) => {
      response.resume();
      clearTimeout(limit);
      const offered = response.headers["api-version"];
      try {
        resolve(agree(typeof offered === "string" ? offered : undefined, response.statusCode ?? 0));
      } catch (error) {
        reject(error);
      }
    });
    const limit = setTimeout(
      () =>
        request.destroy(
          new Error(`it took the connection but gave no answer within ${answerTimeoutMs / 1000} s`),
        ),
      answerTimeoutMs,
    );
    request.on("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
  });
}

function agree(offered: string | undefined, status: number): string {
  const minor = /^1\.(\d+)$/.exec(offered ?? "")?.[1];
  if (minor === undefined) {
    throw new Error(`what answers is no Docker engine (HTTP ${status} to /_ping, without Api-Version).`);
  }
  if (Number(minor) < oldest) {
    throw new Error(
      `its API ${offered} is older than 1.${oldest}, the oldest supported (Docker Engine 20.10). Upgrade it.`,
    );
  }
  return `v1.${Math.min(Number(minor), newest)}`;
}
