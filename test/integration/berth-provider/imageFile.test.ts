import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { imageFile } from "../../../providers/berth/imageFile.js";
import { pluginCall } from "../../support/machines.js";

const run = promisify(execFile);
const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");

/** An HTTPS server with an image on it, as a distribution has one. */
let folder: string;
let server: Server;
let base: string;
let raw: Buffer;
const asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-fetch-"));
  vi.stubEnv("BERTH_HOME", join(folder, "home"));
  await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"],
    ...["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")],
  ]);
  const [key, cert] = [
    await readFile(join(folder, "key.pem")),
    await readFile(join(folder, "cert.pem"), "utf8"),
  ];
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), cert]);
  raw = Buffer.alloc(3 * 2 ** 20);
  raw.write("a boot sector", 0);
  raw.write("the end of the disk", raw.length - 100);
  await writeFile(join(folder, "disk.raw"), raw);
  await run("qemu-img", [
    "convert",
    "-f",
    "raw",
    "-O",
    "qcow2",
    join(folder, "disk.raw"),
    join(folder, "disk.qcow2"),
  ]);
  server = createServer({ key, cert }, async (request, response) => {
    asked.push(request.url!);
    if (request.url === "/elsewhere") {
      response.writeHead(302, { location: "http://127.0.0.1:9/disk.raw" }).end();
      return;
    }
    const file = await readFile(join(folder, request.url!)).catch(() => undefined);
    response.writeHead(file ? 200 : 404, { "content-length": file?.length ?? 0 }).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const make = (path: string, digest: string, call = pluginCall("urn:image")) =>
  imageFile.create({ path, sha256: digest, disk: true }, call);
const content = async (qcow2: string) => {
  const back = join(folder, "back");
  await run("qemu-img", ["convert", "-f", "qcow2", "-O", "raw", qcow2, back]);
  return readFile(back);
};
const kept = () => readdir(join(folder, "home/fetched")).catch(() => []);

test("a raw image is fetched once, and made qcow2", async () => {
  const digest = sha256(raw);
  const call = pluginCall("urn:image");
  const { state, id } = await make(`${base}/disk.raw`, digest, call);
  expect(call.said.join("\n")).toMatch(/fetching https:.*: \d+ of 3 MiB/);
  expect((await content(state.file)).equals(raw)).toBe(true);
  const again = await make(`${base}/disk.raw`, digest);
  expect(again.state).toEqual(state);
  expect(asked.filter((path) => path === "/disk.raw")).toHaveLength(1);
  // It may go once it was uploaded: what is in a pool has its digest in its name.
  await rm(state.file);
  const inputs = { path: `${base}/disk.raw`, sha256: digest, disk: true };
  expect(await imageFile.read!(id, state, inputs, call)).toEqual({ id, state, inputs });
  expect((await content((await make(`${base}/disk.raw`, digest)).state.file)).equals(raw)).toBe(true);
});

test("a qcow2 image is taken as it is, and a file may be named by its URL", async () => {
  const file = join(folder, "disk.qcow2");
  const digest = sha256(await readFile(file));
  const fetched = await make(`${base}/disk.qcow2`, digest);
  expect(sha256(await readFile(fetched.state.file))).toBe(digest);
  expect((await make(pathToFileURL(file).href, digest)).state.file).toBe(file);
  const local = await make(join(folder, "disk.raw"), sha256(raw));
  expect(local.state.file).not.toBe(join(folder, "disk.raw"));
  expect((await content(local.state.file)).equals(raw)).toBe(true);
});

test("another content, another place and no place at all are refused, and nothing is kept", async () => {
  const before = await kept();
  const none = "0".repeat(64);
  await expect(make(`${base}/disk.raw`, none)).rejects.toThrow(
    /has the wrong content \(3145728 bytes\)\.\n {2}expected sha256 0+\n {2}found {4}sha256 [0-9a-f]{64}/,
  );
  await expect(make(`${base}/nothing`, none)).rejects.toThrow(/can't be fetched: the server answers 404/);
  await expect(make(`${base}/elsewhere`, none)).rejects.toThrow(/can't be fetched/);
  await expect(make("https://127.0.0.1:9/disk.raw", none)).rejects.toThrow(/can't be fetched: .*/);
  expect(await kept()).toEqual(before);
  const { failures } = await imageFile.check!(
    { path: "http://host/disk", sha256: none },
    undefined,
    pluginCall("urn"),
  );
  expect(failures).toEqual([
    {
      property: "path",
      reason: "is http://host/disk; an image is fetched by https: only, or give a file's path",
    },
  ]);
});
