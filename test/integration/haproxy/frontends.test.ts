import { afterAll, beforeAll, expect, test } from "vitest";
import { waitUntil } from "../../support/docker/waitUntil.js";
import { BalancerHost, cutOff } from "./support/balancerHost.js";

/** What each setting of a frontend does to real requests. */
let host: BalancerHost;
beforeAll(async () => {
  host = await BalancerHost.start();
});
afterAll(() => host.stop());

const at = "http://192.168.130.1";
const count = (all: readonly string[], one: string) => all.filter((each) => each === one).length;

test("routes by path, host and header; the most specific wins, wherever it is written", async () => {
  await host.describe({
    balancer: {
      service: "web",
      routes: [
        { path: "/", headers: { "X-Kind": "new" }, service: "next" },
        { path: "/api", service: "api" },
        { path: "/api/next", service: "next" },
        { host: "*.shop.example", service: "api" },
        { host: "www.shop.example", service: "next" },
      ],
    },
  });
  const goesTo = async (path: string, ...args: string[]) =>
    (await host.seen(`${at}${path}`, ...args)).server.replace(/-.*/, "");
  const named = (name: string) => ["--header", `Host: ${name}`];
  expect(await goesTo("/")).toBe("web");
  expect(await goesTo("/api")).toBe("api");
  expect(await goesTo("/api/?a=b")).toBe("api");
  expect(await goesTo("/apiary")).toBe("web");
  expect(await goesTo("/api/next/1")).toBe("next");
  expect(await goesTo("/", "--header", "x-kind: new")).toBe("next");
  expect(await goesTo("/", "--header", "x-kind: newer")).toBe("web");
  expect(await goesTo("/", ...named("WWW.shop.example:80"))).toBe("next");
  expect(await goesTo("/", ...named("a.shop.example"))).toBe("api");
  expect(await goesTo("/", ...named("shop.example"))).toBe("web");
  expect(await goesTo("/", ...named("evilshop.example"))).toBe("web");
});

test("a frontend is one of several, each with its own service", async () => {
  await host.describe({
    balancer: { frontends: { one: { port: 8001, service: "api" }, two: { port: 8002, service: "next" } } },
  });
  expect((await host.seen(`${at}:8001/`)).server).toMatch(/^api-/);
  expect((await host.seen(`${at}:8002/`)).server).toMatch(/^next-/);
});

test("bytes are passed on in mode tcp", async () => {
  await host.describe({ balancer: { service: "db", port: 5432 } });
  expect((await host.seen(`${at}:5432/any`)).server).toMatch(/^db-/);
});

test("a connection that is upgraded carries what both sides send", async () => {
  await host.describe({ balancer: { service: "api" } });
  const answer = await host.raw(
    "192.168.130.1",
    80,
    "GET /socket HTTP/1.1\\r\\nHost: a\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\nhello",
  );
  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  expect(answer).toMatch(/hello$/);
});

test("a server learns the client's address", async () => {
  await host.describe({ balancer: { service: "web" } });
  const client = await host.address("10.1.2.3");
  const { headers } = await host.seen(at, "--interface", client);
  expect(headers["x-forwarded-for"]).toBe(client);
});

test("behind a proxy, it learns the address that the proxy tells", async () => {
  await host.describe({ balancer: { service: "web", acceptProxy: true } });
  const request = "GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n";
  const answer = await host.raw(
    "192.168.130.1",
    80,
    `PROXY TCP4 203.0.113.7 192.168.130.1 4711 80\\r\\n${request}`,
  );
  expect(answer).toContain('"x-forwarded-for":"203.0.113.7"');
  // Who does not say who it speaks for is not answered.
  expect(await host.raw("192.168.130.1", 80, request)).toBe("");
});

test("only named networks may connect", async () => {
  await host.describe({ balancer: { service: "web", allow: ["10.1.0.0/16", "192.0.2.7"] } });
  for (const client of ["10.1.2.3", "192.0.2.7"])
    expect((await host.ask(at, "--interface", await host.address(client))).status).toBe(200);
  for (const client of ["10.2.0.1", "192.0.2.8"])
    await expect(host.ask(at, "--interface", await host.address(client))).rejects.toThrow(cutOff);
});

test("a client that asks too often gets 429, and another one what it asks for", async () => {
  await host.describe({ balancer: { service: "web", rateLimit: { requests: 5, period: "1m" } } });
  const [often, seldom] = [await host.address("10.1.2.3"), await host.address("10.1.2.4")];
  expect(await host.statuses(7, `${at}/`, "--interface", often)).toEqual([200, 200, 200, 200, 200, 429, 429]);
  expect(await host.statuses(1, `${at}/`, "--interface", seldom)).toEqual([200]);
});

test("in mode tcp it gets no connection", async () => {
  await host.describe({ balancer: { service: "db", port: 5432, rateLimit: { requests: 2, period: "1m" } } });
  const client = ["--interface", await host.address("10.1.2.3")];
  for (const _ of [1, 2]) expect((await host.ask(`${at}:5432/`, ...client)).status).toBe(200);
  await expect(host.ask(`${at}:5432/`, ...client)).rejects.toThrow(cutOff);
});

test("headers are set and removed on both ways, as they are written", async () => {
  const text = '50% "off" %[src] \\ $HOME';
  const set = (name: string) => ({ set: { [name]: text }, remove: ["X-Powered-By", "X-Internal"] });
  await host.describe({
    balancer: { service: "web", headers: { request: set("X-Asked"), response: set("X-Answered") } },
  });
  const answer = await host.ask(at, "--header", "X-Internal: 1", "--header", "X-Asked: mine");
  expect(answer.headers["x-answered"]).toBe(text);
  expect(answer.headers).not.toHaveProperty("x-powered-by");
  const { headers } = JSON.parse(answer.body);
  expect(headers["x-asked"]).toBe(text);
  expect(headers).not.toHaveProperty("x-internal");
});

test("what is text is compressed for who can read it", async () => {
  await host.describe({ balancer: { service: "web", compress: true } });
  const gzip = ["--header", "Accept-Encoding: gzip"];
  expect((await host.ask(at, ...gzip)).headers["content-encoding"]).toBe("gzip");
  expect((await host.seen(at, ...gzip, "--compressed")).url).toBe("/");
  expect((await host.ask(at)).headers).not.toHaveProperty("content-encoding");
  expect((await host.ask(`${at}/a.png`, ...gzip)).headers).not.toHaveProperty("content-encoding");
  await host.describe({ balancer: { service: "web", compress: ["image/png"] } });
  expect((await host.ask(`${at}/a.png`, ...gzip)).headers["content-encoding"]).toBe("gzip");
  expect((await host.ask(at, ...gzip)).headers).not.toHaveProperty("content-encoding");
});

test("as many connections as it may have, and the next one waits", async () => {
  await host.describe({ balancer: { service: "api", maxConnections: 1 } });
  const parallel = ["--parallel", "--parallel-immediate", "--no-keepalive"];
  const lines = await host.curl(...parallel, `${at}/hold?n=[1-3]`, "--header", "Connection: close");
  const seen = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(seen.map(({ most }) => most)).toEqual([1, 1, 1]);
});

test("a client that is slow to say what it wants is sent away", async () => {
  await host.describe({ balancer: { service: "web", timeouts: { request: "300ms" } } });
  expect(await host.raw("192.168.130.1", 80, "GET / HTTP/1.1\\r\\nHost:")).toMatch(/^HTTP\/1\.1 408 /);
});

test("lines of one's own, in each section", async () => {
  const teapot = (path: string) => `http-request return status 418 if { path ${path} }`;
  await host.describe({
    balancer: {
      frontends: { one: { port: 80, service: "web", raw: [teapot("/frontend")] } },
      backends: { web: { raw: [teapot("/backend")] } },
      raw: {
        global: ["description a line"],
        defaults: ["errorfiles own"],
        sections: { "http-errors own": ["errorfile 503 /dev/null"] },
      },
    },
  });
  expect((await host.ask(`${at}/frontend`)).status).toBe(418);
  expect((await host.ask(`${at}/backend`)).status).toBe(418);
  expect(await host.api("show info")).toContain("description: a line");
});

test("requests are logged, or those that failed, or none", async () => {
  const ask = async (requests: string) => {
    await host.describe({
      balancer: { service: "web", timeouts: { server: "200ms" }, log: { requests } },
    });
    await host.ask(`${at}/well`);
    expect((await host.ask(`${at}/silent`)).status).toBe(504);
    const last = await host.ask(`${at}/last`, "--request", "BAD METHOD");
    expect(last.status).toBe(400);
    if (requests !== "none")
      await waitUntil("the last request's line", 5_000, () => host.logged.some((line) => / 400 /.test(line)));
    return host.logged.filter((line) => line.includes(" http ")).map((line) => / (\d{3}) /.exec(line)?.[1]);
  };
  expect(await ask("all")).toEqual(["200", "504", "400"]);
  expect(await ask("errors")).toEqual(["504", "400"]);
  expect(await ask("none")).toEqual([]);
});

test("round robin is even over a frontend's clients", async () => {
  await host.describe({ balancer: { service: "web" } });
  const servers = await host.servedBy(20, `${at}/`);
  expect(count(servers, "web-1-80")).toBe(10);
  expect(count(servers, "web-2-80")).toBe(10);
});
