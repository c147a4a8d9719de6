import { afterAll, beforeAll, expect, test } from "vitest";
import { BalancerHost } from "./support/balancerHost.js";

/** What each setting of a backend, and of a service's health, does to real requests. */
let host: BalancerHost;
beforeAll(async () => {
  host = await BalancerHost.start();
});
afterAll(() => host.stop());

const at = "http://192.168.130.1/";
const [one, two] = ["web-1-80", "web-2-80"] as const;
const share = (servers: readonly string[], name: string) =>
  servers.filter((server) => server === name).length / servers.length;
const balanced = (settings: object, web = {}) =>
  host.describe({ balancer: { service: "web", backends: { web: settings } }, web });

test.each(["roundrobin", "static-rr", "random", "leastconn"])("%s uses each server", async (balance) => {
  await balanced({ balance });
  expect(new Set(await host.servedBy(30, at))).toEqual(new Set([one, two]));
});

test("first uses the second server when the first has enough to do", async () => {
  await balanced({ balance: "first" });
  expect(new Set(await host.servedBy(10, at))).toEqual(new Set([one]));
});

test("source keeps a client at its server", async () => {
  await balanced({ balance: "source" });
  const used = new Set<string>();
  for (let client = 1; client <= 12; client++) {
    const servers = new Set(
      await host.servedBy(3, at, "--interface", await host.address(`10.3.0.${client}`)),
    );
    expect(servers.size).toBe(1);
    for (const server of servers) used.add(server);
  }
  expect(used).toEqual(new Set([one, two]));
});

test.each([
  ["uri", (n: number) => ({ url: `${at}page/${n}?a` })],
  ["url_param(id)", (n: number) => ({ url: `${at}?id=${n}` })],
  ["hdr(x-user)", (n: number) => ({ url: at, args: ["--header", `X-User: user-${n}`] })],
] as const)("%s keeps what it names at one server", async (balance, request) => {
  await balanced({ balance });
  const used = new Set<string>();
  for (let n = 1; n <= 12; n++) {
    const { url, args = [] } = { args: [] as string[], ...request(n) };
    const asked = [
      await host.seen(url, ...args),
      await host.seen(url, ...args),
      await host.seen(url, ...args),
    ];
    const servers = new Set(asked.map(({ server }) => server));
    expect(servers.size).toBe(1);
    for (const server of servers) used.add(server);
  }
  expect(used).toEqual(new Set([one, two]));
});

test("weights share the requests out, and none go to one of weight 0", async () => {
  await balanced({ weights: { 1: 3 } });
  expect(share(await host.servedBy(40, at), one)).toBe(0.75);
  await balanced({ weights: { 2: 0 } });
  expect(share(await host.servedBy(10, at), one)).toBe(1);
});

test("a cookie keeps a client at its server, and is out of a script's reach", async () => {
  await balanced({ sticky: { cookie: "SERVER" } });
  const { headers, body } = await host.ask(at);
  expect(headers["set-cookie"]).toMatch(/^SERVER=[^;]+; path=\/; HttpOnly; SameSite=Lax$/);
  const { server } = JSON.parse(body);
  const cookie = ["--header", `Cookie: ${headers["set-cookie"]!.split(";")[0]}`];
  expect(share(await host.servedBy(10, at, ...cookie), server)).toBe(1);
  // The application does not see it.
  expect((await host.seen(at, ...cookie)).headers).not.toHaveProperty("cookie");
});

test("a server has as many requests at once as it may, and more wait", async () => {
  await balanced({ maxConnections: 1 }, { replicas: 1 });
  const lines = await host.curl("--parallel", "--parallel-immediate", `${at}hold?n=[1-4]`);
  const seen = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(seen.map(({ most }) => most)).toEqual([1, 1, 1, 1]);
});

test("a server that is silent for too long is given up", async () => {
  await balanced({ timeout: "300ms" });
  expect((await host.ask(`${at}silent`)).status).toBe(504);
});

test("headers of one service", async () => {
  await host.describe({
    balancer: {
      service: "web",
      routes: [{ path: "/api", service: "api" }],
      backends: { api: { headers: { request: { set: { "X-For": "api" } } } } },
    },
  });
  expect((await host.seen(`${at}api`)).headers["x-for"]).toBe("api");
  expect((await host.seen(at)).headers).not.toHaveProperty("x-for");
});

test("more words of a server's line", async () => {
  await balanced({ weights: { 1: 256 }, serverOptions: ["disabled"] });
  expect((await host.ask(at)).status).toBe(503);
});

const soon = { path: "/health", interval: "100ms", timeout: "2s" };
const sick = (name: string, status = 503) => host.tell({ name, health: { status } });
const well = (name: string) => host.tell({ name, health: { status: 200 } });

test("a server that is not well gets no request until it is well again, which its weight then shows slowly", async () => {
  await balanced({ slowStart: "10m" }, { health: soon });
  await host.server(two, /^UP L7OK/);
  await sick(one);
  await host.server(one, /^DOWN/);
  expect(share(await host.servedBy(20, at), two)).toBe(1);
  await well(one);
  await host.server(one, /^UP L7OK/);
  expect(share(await host.servedBy(40, at), one)).toBeLessThan(0.2);
  await balanced({}, { health: soon });
  expect(share(await host.servedBy(40, at), one)).toBe(0.5);
});

test("rise and fall count checks", async () => {
  await balanced({}, { health: { ...soon, interval: "200ms", fall: 100, rise: 100 } });
  await host.server(one, /^UP L7OK/);
  await sick(one);
  await host.server(one, /^UP \d+\/100 L7STS/);
  expect(share(await host.servedBy(20, at), one)).toBe(0.5);
  await balanced({}, { health: { ...soon, interval: "200ms", rise: 100 } });
  await host.server(one, /^DOWN L7STS/);
  await well(one);
  await host.server(one, /^DOWN \d+\/100 L7OK/);
  expect(share(await host.servedBy(20, at), two)).toBe(1);
});

test.each([
  ["one status", { status: 204 }, 204, 200],
  ["statuses and ranges", { status: "200-299,304" }, 304, 302],
])("well is what answers with %s", async (_, health, good, bad) => {
  for (const name of [one, two]) await sick(name, good);
  await balanced({}, { health: { ...soon, ...health } });
  await host.server(one, /^UP L7OK/);
  await sick(one, bad);
  await host.server(one, /^DOWN/);
  await sick(one, good);
  await host.server(one, /^UP L7OK/);
  for (const name of [one, two]) await well(name);
});

test("it is asked by a method and for a host", async () => {
  const onlyTo = "HEAD web.example:8080";
  for (const name of [one, two]) await host.tell({ name, health: { status: 200, onlyTo } });
  await balanced({}, { health: { ...soon, method: "HEAD", host: "web.example:8080" } });
  await host.server(one, /^UP L7OK/);
  await balanced({}, { health: soon });
  await host.server(one, /^DOWN/);
  for (const name of [one, two]) await well(name);
});

test("checks of a port alone, and none, care for no answer", async () => {
  await sick(one);
  await balanced({}, { health: { type: "tcp", interval: "100ms" } });
  await host.server(one, /^UP L4OK/);
  await balanced({}, { health: { type: "none" } });
  await host.server(one, /^no check/);
  expect(share(await host.servedBy(20, at), one)).toBe(0.5);
  await well(one);
});

test("an agent on a server's machine says how much it takes", async () => {
  await balanced({}, { health: { ...soon, agent: { port: 9000, interval: "100ms" } }, replicas: 1 });
  const [, address] = /,(192\.168\.130\.\d+):80,/.exec(await host.api("show stat -1 4 -1")) ?? [];
  await host.tell({ agent: { address, port: 9000 }, says: "drain" });
  await host.server(one, /^DRAIN/);
  await host.tell({ says: "ready up 50%" });
  await host.server(one, /^UP/);
  await host.tell({ says: "down" });
  await host.server(one, /^DOWN/);
});
