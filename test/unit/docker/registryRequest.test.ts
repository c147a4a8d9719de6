import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { registryRequest } from "../../../providers/docker/registry/registryRequest.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server on loopback without TLS, which a registry there may do without. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A registry that wants a token of this place, or the name and password themselves. */
function registry(challenge: string, wanted: string): Promise<string> {
  return serve((request, response) => {
    if (request.headers.authorization === wanted) return response.end("content");
    response.writeHead(401, { "www-authenticate": challenge }).end();
  });
}

const credentials = { username: "me", password: "pass:word" };
const basic = `Basic ${Buffer.from("me:pass:word").toString("base64")}`;
const request = () => ({ method: "GET" as const, path: "/v2/", signal: AbortSignal.timeout(10_000) });

describe("registryRequest", () => {
  it("gets a token where the registry says, for what it says, with name and password", async () => {
    const asked: (string | undefined)[] = [];
    const tokens = await serve((got, response) => {
      asked.push(got.url, got.headers.authorization);
      response.end(JSON.stringify({ token: "t1" }));
    });
    const challenge = `Bearer realm="http://${tokens}/token",service="reg",scope="repository:web:pull"`;
    const server = await registry(challenge, "Bearer t1");
    const answer = await registryRequest({ server, credentials }, request());
    expect(answer).toMatchObject({ status: 200, body: Buffer.from("content") });
    expect(asked).toEqual(["/token?service=reg&scope=repository%3Aweb%3Apull", basic]);
  });

  it("sends name and password where the registry asks for these", async () => {
    const server = await registry('Basic realm="here"', basic);
    expect((await registryRequest({ server, credentials }, request())).status).toBe(200);
    await expect(registryRequest({ server }, request())).rejects.toThrow(`registry ${server} wants a log-in`);
    const wrong = { username: "me", password: "guess" };
    await expect(registryRequest({ server, credentials: wrong }, request())).rejects.toThrow('refuses "me"');
  });

  it("sends no password elsewhere without TLS", async () => {
    const server = await registry('Bearer realm="http://tokens.example.com/"', "Bearer t1");
    await expect(registryRequest({ server, credentials }, request())).rejects.toThrow(
      `registry ${server} wants the password sent to tokens.example.com without TLS: refused.`,
    );
  });
});
