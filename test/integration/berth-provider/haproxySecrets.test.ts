import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import Docker from "dockerode";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, startLab, stopLab } from "../../../lab/index.js";
import {
  type HaproxyConfigInputs,
  haproxyConfig as handler,
} from "../../../providers/berth/haproxyConfig.js";
import { issueCertificate } from "../../../providers/berth/issueCertificate.js";
import { configPath as path, startConfinedHaproxy } from "../../support/haproxy/confinedHaproxy.js";
import { importHaproxyImage } from "../../support/haproxy/haproxyImage.js";
import { settledWorkers } from "../../support/haproxy/settledWorkers.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";
import { testCall } from "../../unit/berth-provider/support/testCall.js";

const berthHome = mkdtempSync(join(tmpdir(), "berth-haproxy-secrets-"));
const log = () => {};
const folder = "/etc/haproxy/secret";
const port = 8097;
const statsPort = 8096;

const config = (answer = "one", certificates = ["site.pem"]) => `global
    log stdout format raw local0
    stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners
    chroot /var/lib/haproxy
    uid 99
    gid 99
    hard-stop-after 30s
defaults
    mode http
    log global
    option httplog
    option idle-close-on-response
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend web
    bind 127.0.0.1:${port} ssl ${certificates.map((name) => `crt ${folder}/${name}`).join(" ")} alpn h2,http/1.1
    http-request return status 200 content-type text/plain string ${answer}
frontend stats
    bind 127.0.0.1:${statsPort}
    acl known req.fhdr(authorization) -f ${folder}/stats.login
    http-request auth unless known
    http-request use-service prometheus-exporter
`;

const login = (password: string) => `Basic ${Buffer.from(`admin:${password}`).toString("base64")}\n`;

async function certificate(host: string): Promise<string> {
  const inputs = { commonName: host, dnsNames: [host], ipAddresses: [], validityDays: 30 };
  const { state } = await issueCertificate(inputs, new Date());
  return `${state.certificate.trim()}\n${state.privateKey.trim()}\n`;
}

describe("the secret files of an HAProxy configuration", () => {
  let lab: Lab;
  let docker: Docker;
  let image: string;
  let container: Docker.Container;
  let secretFiles: Record<string, string>;

  beforeAll(async () => {
    lab = await startLab({ berthHome, log });
    docker = new Docker({ socketPath: lab.dockerHost.replace("unix://", "") });
    image = await importHaproxyImage(docker);
  });
  afterAll(async () => {
    await stopLab({ berthHome, log });
    rmSync(berthHome, { recursive: true, force: true });
  });
  beforeEach(async () => {
    secretFiles = { "site.pem": await certificate("first.example"), "stats.login": login("hunter2") };
    container = await startConfinedHaproxy(docker, image);
    return () => container.remove({ force: true, v: true });
  });

  const inputs = (text: string, files = secretFiles): HaproxyConfigInputs => ({
    docker: { host: lab.dockerHost },
    container: container.id,
    config: text,
    path,
    secretFiles: files,
  });
  const put = (text: string, files = secretFiles) => {
    const call = testCall();
    return handler.create(inputs(text, files), call).then(() => call.told);
  };
  const inForce = async (text: string, files = secretFiles) => {
    const state = { sha256: "", inForce: true };
    return (await handler.read?.("lb", state, inputs(text, files), testCall()))?.state.inForce;
  };
  const workers = () => settledWorkers(container);

  async function run(...command: string[]): Promise<string> {
    const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
    let text = "";
    for await (const chunk of await exec.start({ Tty: true })) text += chunk;
    return text.replaceAll("\r", "").trim();
  }

  const inLab = (...command: string[]) =>
    promisify(execFile)("nsenter", [`--net=${lab.netns}`, ...command]).then(({ stdout }) => stdout.trim());
  const curl = (...args: string[]) => inLab("curl", "--silent", "--max-time", "10", ...args);
  const subject = async () =>
    (
      await curl(
        "--insecure",
        "--verbose",
        "--output",
        "/dev/null",
        "--write-out",
        "%{certs}",
        `https://127.0.0.1:${port}/`,
      )
    )
      .split("\n")
      .find((line) => line.startsWith("Subject:"));
  const statusWith = (password: string) =>
    curl(
      "--output",
      "/dev/null",
      "--write-out",
      "%{http_code}",
      "--user",
      `admin:${password}`,
      `http://127.0.0.1:${statsPort}/`,
    );

  it("are there for root alone, and serve TLS with HTTP/2 and a login", async () => {
    const told = await put(config());
    expect(await subject()).toMatch(/CN *= *first\.example/);
    const url = `https://127.0.0.1:${port}/`;
    expect(await curl("--insecure", "--write-out", " %{http_version}", url)).toBe("one 2");
    expect([await statusWith("hunter2"), await statusWith("hunter3")]).toEqual(["200", "401"]);
    const modes = await run(
      "/bin/busybox",
      "stat",
      "-c",
      "%n %a %u",
      folder,
      `${folder}/site.pem`,
      `${folder}/stats.login`,
    );
    expect(modes.split("\n")).toEqual([
      `${folder} 700 0`,
      `${folder}/site.pem 600 0`,
      `${folder}/stats.login 600 0`,
    ]);
    expect(await run("/bin/busybox", "ls", "/etc/haproxy")).toMatch(/^haproxy\.cfg\s+secret$/);
    const key = secretFiles["site.pem"]!.split("\n").at(-3)!;
    const logs = (await container.logs({ stdout: true, stderr: true })).toString();
    const places = { told: told.join("\n"), logs, inspect: JSON.stringify(await container.inspect()) };
    for (const [place, text] of Object.entries(places)) {
      expect(text.includes(key) || text.includes("hunter2"), place).toBe(false);
    }
    expect(await inForce(config())).toBe(true);
  });

  it("are exchanged where certificates are renewed, without a reload and without a connection closed", async () => {
    await put(config());
    const before = await workers();
    const script = fileURLToPath(new URL("support/keptTls.ts", import.meta.url));
    const kept = spawn("nsenter", [
      `--net=${lab.netns}`,
      process.execPath,
      ...typeScriptArguments(script),
      String(port),
    ]);
    kept.stderr.pipe(process.stderr);
    const lines = createInterface({ input: kept.stdout })[Symbol.asyncIterator]();
    const ask = async () => {
      kept.stdin.write("ask\n");
      return (await lines.next()).value;
    };
    expect(await ask()).toBe("first.example one connection 1");
    const renewed = { ...secretFiles, "site.pem": await certificate("second.example") };
    expect(await inForce(config(), renewed)).toBe(false);
    const told = await put(config(), renewed);
    expect(told.filter((line) => /reload/.test(line))).toEqual([]);
    expect(await subject()).toMatch(/CN *= *second\.example/);
    expect(await ask()).toBe("first.example one connection 1");
    expect(await workers()).toEqual(before);
    expect(await inForce(config(), renewed)).toBe(true);
    kept.stdin.end();
    // A restart starts from the new one.
    await container.restart();
    await expect.poll(() => subject().catch(() => ""), { timeout: 20_000 }).toMatch(/CN *= *second\.example/);
  });

  it("that are no certificates' are followed by a reload", async () => {
    await put(config());
    const changed = { ...secretFiles, "stats.login": login("correct horse") };
    expect((await put(config(), changed)).at(-1)).toMatch(/secret file stats\.login changes$/);
    expect([await statusWith("hunter2"), await statusWith("correct horse")]).toEqual(["401", "200"]);
    expect(await inForce(config(), changed)).toBe(true);
  });

  it("come and go with what names them", async () => {
    await put(config());
    const two = { ...secretFiles, "other.pem": await certificate("other.example") };
    await put(config("two", ["site.pem", "other.pem"]), two);
    expect(await run("/bin/busybox", "ls", folder)).toMatch(/^other\.pem\s+site\.pem\s+stats\.login$/);
    await put(config());
    expect(await run("/bin/busybox", "ls", folder)).toMatch(/^site\.pem\s+stats\.login$/);
    expect(await run("/bin/busybox", "ls", "/etc/haproxy")).toMatch(/^haproxy\.cfg\s+secret$/);
  });

  it("that HAProxy refuses never replace good ones", async () => {
    await put(config());
    const before = await workers();
    const bad = { ...secretFiles, "site.pem": "no certificate\n" };
    await expect(put(config(), bad)).rejects.toThrow(
      /HAProxy refuses this configuration; the one in force stays\.\n[\s\S]*'\/etc\/haproxy\/secret\/site\.pem'/,
    );
    // Passes the check, and can't be loaded: an address of nobody (RFC 5737).
    const elsewhere = config("two").replace(`127.0.0.1:${port}`, `203.0.113.7:${port}`);
    const renewed = {
      ...secretFiles,
      "site.pem": await certificate("second.example"),
      "new.pem": await certificate("x"),
    };
    await expect(put(elsewhere, renewed)).rejects.toThrow("The old configuration is back in force.");
    expect(await subject()).toMatch(/CN *= *first\.example/);
    expect(await inForce(config())).toBe(true);
    expect(await run("/bin/busybox", "ls", folder)).toMatch(/^site\.pem\s+stats\.login$/);
    expect(await run("/bin/busybox", "ls", "/etc/haproxy")).toMatch(/^haproxy\.cfg\s+secret$/);
    expect(before).toHaveLength(1);
  });

  it("that somebody changed by hand are drift, which the next update mends", async () => {
    await put(config());
    await run("/bin/sh", "-c", `echo "Basic eA==" >>${folder}/stats.login`);
    expect(await inForce(config())).toBe(false);
    await put(config());
    expect(await inForce(config())).toBe(true);
    await run("/bin/rm", `${folder}/site.pem`);
    expect(await inForce(config())).toBe(false);
    await put(config());
    expect(await inForce(config())).toBe(true);
  });
});
