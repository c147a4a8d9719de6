import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitUntil } from "../../support/docker/waitUntil.js";
import { BalancerHost, cutOff } from "./support/balancerHost.js";

/** What each setting of TLS, and of the page of figures, does to real requests. */
const folder = mkdtempSync(join(tmpdir(), "berth-tls-"));
let host: BalancerHost;
beforeAll(async () => {
  host = await BalancerHost.start();
});
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true });
});

const at = "https://192.168.130.1/";
const shop = [{ hosts: ["shop.example", "*.shop.example"] }];
const resolve = (name: string, port = 443) => ["--connect-to", `${name}:${port}:192.168.130.1:${port}`];
const subject = async (...args: string[]) => {
  const names = ["--insecure", "--write-out", "%{certs}", "--output", "/dev/null"];
  return /Subject:.*?CN ?= ?(\S+)/.exec(await host.curl(...names, ...args))?.[1];
};

test("a name gets its certificate, and every other one the first", async () => {
  await host.describe({
    balancer: { service: "web", tls: { certificates: [...shop, { hosts: ["other.example"] }] } },
  });
  const of = (name: string) => subject(...resolve(name), `https://${name}/`);
  expect(await of("shop.example")).toBe("shop.example");
  expect(await of("www.shop.example")).toBe("shop.example");
  expect(await of("other.example")).toBe("other.example");
  expect(await of("unknown.example")).toBe("shop.example");
});

test("a server learns that the client came by TLS, whatever the client says; HTTP/2 is offered", async () => {
  await host.describe({ balancer: { service: "web", tls: { certificates: shop, hsts: "2h" } } });
  const { status, headers, body } = await host.ask(at, "--insecure", "--header", "X-Forwarded-Proto: http");
  expect(status).toBe(200);
  expect(headers["strict-transport-security"]).toBe("max-age=7200");
  expect(JSON.parse(body).headers["x-forwarded-proto"]).toBe("https");
  expect(await host.curl("--insecure", "--head", at)).toMatch(/^HTTP\/2 200/);
});

test("or only HTTP/1.1", async () => {
  await host.describe({ balancer: { service: "web", tls: { certificates: shop, http2: false } } });
  expect(await host.curl("--insecure", "--head", at)).toMatch(/^HTTP\/1\.1 200/);
});

test("a client of an older TLS than asked for is refused", async () => {
  const at12 = ["--insecure", "--tls-max", "1.2"];
  await host.describe({ balancer: { service: "web", tls: { certificates: shop } } });
  expect((await host.ask(at, ...at12)).status).toBe(200);
  await expect(host.ask(at, "--insecure", "--tlsv1.0", "--tls-max", "1.1")).rejects.toThrow(/curl: \(35\)/);
  await host.describe({ balancer: { service: "web", tls: { certificates: shop, minVersion: "1.3" } } });
  await expect(host.ask(at, ...at12)).rejects.toThrow(/curl: \(35\)/);
  expect((await host.ask(at, "--insecure")).status).toBe(200);
});

test("a client shows a certificate that a named authority has signed, or is refused", async () => {
  const mine = await authority("mine");
  const other = await authority("other");
  await host.describe({
    balancer: { service: "web", tls: { certificates: shop, clientCa: "clients" } },
    secrets: { clients: readFileSync(mine.ca, "utf8") },
  });
  const as = ({ pem }: { pem: string }) => host.ask(at, "--insecure", "--cert", pem);
  expect((await as(mine)).status).toBe(200);
  await expect(as(other)).rejects.toThrow(cutOff);
  await expect(host.ask(at, "--insecure")).rejects.toThrow(cutOff);
});

test("a certificate and its key of one's own", async () => {
  const { ca, key } = await authority("own");
  await host.describe({
    balancer: { service: "web", tls: { certificates: [{ certificate: "site", key: "site-key" }] } },
    secrets: { site: readFileSync(ca, "utf8"), "site-key": readFileSync(key, "utf8") },
  });
  expect(await subject(at)).toBe("own");
});

test.each([443, 8443])("who comes without TLS is sent to it, at port %i", async (port) => {
  const frontends = {
    plain: { redirect: "https" },
    secure: { port, tls: { certificates: shop }, service: "web" },
  };
  await host.describe({ balancer: { frontends } });
  const { status, headers } = await host.ask(
    "http://192.168.130.1/a?b=c",
    "--header",
    "Host: shop.example:80",
  );
  expect(status).toBe(308);
  expect(headers["location"]).toBe(`https://shop.example${port === 443 ? "" : `:${port}`}/a?b=c`);
  const follow = [
    "--location",
    "--insecure",
    ...resolve("shop.example", 80),
    ...resolve("shop.example", port),
  ];
  const { method, url } = JSON.parse(
    await host.curl(...follow, "--data", "text", "http://shop.example/order"),
  );
  expect([method, url]).toEqual(["POST", "/order"]);
});

test("a cookie that keeps a client at its server goes over TLS only", async () => {
  await host.describe({
    balancer: {
      service: "web",
      tls: { certificates: shop },
      backends: { web: { sticky: { cookie: "SERVER" } } },
    },
  });
  expect((await host.ask(at, "--insecure")).headers["set-cookie"]).toMatch(
    /^SERVER=[^;]+; path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
});

test("in mode tcp the name that a client asks for chooses the service, to which TLS goes on", async () => {
  const routes = [{ host: "db.example", service: "db" }];
  await host.describe({ balancer: { port: 443, mode: "tcp", routes, service: "next" } });
  // No server here speaks TLS; HAProxy's log says whom it asked.
  const asked = async (name: string) => {
    await expect(host.ask(`https://${name}/`, ...resolve(name))).rejects.toThrow(/curl: \(35\)/);
    await waitUntil("the connection's line", 5_000, () => host.logged.some((line) => line.includes("/")));
    return host.logged.splice(0).join();
  };
  expect(await asked("db.example")).toMatch(/ db\/db-1-5432 /);
  expect(await asked("shop.example")).toMatch(/ next:tcp\/next-1-8081 /);
});

test("the page of figures is for who knows the password", async () => {
  await host.describe({
    balancer: { service: "web", stats: { password: "figures", user: "me" } },
    secrets: { figures: 'a "good" one: §' },
  });
  const page = "http://127.0.0.1:8404/";
  expect((await host.ask(page)).status).toBe(401);
  expect((await host.ask(page, "--user", "me:wrong")).status).toBe(401);
  const { status, body } = await host.ask(page, "--user", 'me:a "good" one: §');
  expect(status).toBe(200);
  expect(body).toContain("web-2-80");
  expect((await host.ask(`${page}metrics`)).status).toBe(401);
  const metrics = await host.ask(`${page}metrics`, "--user", 'me:a "good" one: §');
  expect(metrics.body).toMatch(/^haproxy_server_status\{proxy="web",server="web-1-80",state="UP"\} 1$/m);
});

/** An authority, itself the certificate of `CN=name`, and a client that it has signed. */
async function authority(name: string): Promise<{ ca: string; key: string; pem: string }> {
  const file = (what: string) => join(folder, `${name}.${what}`);
  const script = `set -e
    new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    openssl req -x509 $new -days 1 -subj "/CN=$0" -keyout "$1.key" -out "$1.ca"
    openssl req $new -subj /CN=client -keyout "$1.client" -out "$1.csr"
    openssl x509 -req -days 1 -in "$1.csr" -CA "$1.ca" -CAkey "$1.key" -CAcreateserial >"$1.pem"
    cat "$1.client" >>"$1.pem"`;
  await promisify(execFile)("sh", ["-c", script, name, join(folder, name)]);
  return { ca: file("ca"), key: file("key"), pem: file("pem") };
}
