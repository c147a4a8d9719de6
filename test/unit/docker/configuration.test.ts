import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkConfiguration, configure } from "../../../providers/docker/configuration.js";
import { authHeader, credentialsFor } from "../../../providers/docker/registryAuth.js";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-docker-config-"));
  const auth = Buffer.from("filed:with:colons").toString("base64");
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({ auths: { "https://index.docker.io/v1/": { auth }, "r:5000": { auth } } }),
  );
  const meta = join(folder, "contexts/meta", createHash("sha256").update("far").digest("hex"));
  mkdirSync(meta, { recursive: true });
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Endpoints: { docker: { Host: "ssh://far" } } }));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("configure", () => {
  it("takes what the SDK sends, nested values as JSON", () => {
    const { engine, credentials } = configure(
      {
        host: "ssh://vm",
        sshOpts: JSON.stringify(["-i", "key"]),
        registryAuth: JSON.stringify([{ address: "r:5000", username: "me", password: "secret" }]),
        disableDockerDaemonCheck: "true",
      },
      {},
    );
    expect(engine.target).toEqual({ host: "ssh://vm", sshOpts: ["-i", "key"] });
    expect(credentials("r:5000")).toEqual({ username: "me", password: "secret", serveraddress: "r:5000" });
  });

  it.each([
    [{}, {}, "unix:///var/run/docker.sock"],
    [{}, { DOCKER_HOST: "tcp://a" }, "tcp://a"],
    [{ host: "tcp://b" }, { DOCKER_HOST: "tcp://a", DOCKER_CONTEXT: "far" }, "tcp://b"],
    [{}, { DOCKER_HOST: "tcp://a", DOCKER_CONTEXT: "far" }, "ssh://far"],
    [{ host: "tcp://b", context: "far" }, {}, "ssh://far"],
    [{ context: "default" }, {}, "unix:///var/run/docker.sock"],
  ])("with %j and %j, reaches %s", (config, env, host) => {
    expect(configure(config, { DOCKER_CONFIG: folder, ...env }).engine.target.host).toBe(host);
  });

  it("names a context that does not exist", () => {
    expect(() => configure({ context: "near" }, { DOCKER_CONFIG: folder })).toThrow(
      'Docker context "near" does not exist',
    );
  });
});

describe("checkConfiguration", () => {
  it("names every mistake", () => {
    const { failures } = checkConfiguration({ host: "here", sshOpts: "-i key" });
    expect(failures.map(({ property }) => property)).toEqual(["sshOpts", "host"]);
    expect(failures[1]?.reason).toContain('Docker host "here"');
  });
});

describe("credentialsFor", () => {
  const auth = (entry: object) => [{ address: "https://r:5000", ...entry }];
  const env = () => ({ DOCKER_CONFIG: folder });
  const filed = { username: "filed", password: "with:colons" };

  it("takes the provider's, then the user's file's, then none", () => {
    const given = auth({ username: "me", password: "p" });
    expect(credentialsFor("r:5000", given, env())).toMatchObject({ username: "me", password: "p" });
    expect(credentialsFor("r:5000", [], env())).toMatchObject(filed);
    expect(credentialsFor("docker.io", [], env())).toMatchObject(filed);
    expect(credentialsFor("other", given, env())).toBeUndefined();
    expect(credentialsFor("r:5000", auth({ authDisabled: true }), env())).toBeUndefined();
  });

  it("reads the files and texts that an entry names", () => {
    const configFileContent = JSON.stringify({ auths: { "r:5000": { username: "t", password: "u" } } });
    expect(credentialsFor("r:5000", auth({ configFileContent }), {})).toMatchObject({
      username: "t",
      password: "u",
    });
    expect(credentialsFor("r:5000", auth({ configFile: folder }), {})).toMatchObject(filed);
    expect(() => credentialsFor("r:5000", auth({ configFile: "/none" }), {})).toThrow(
      "registryAuth: /none can't be read",
    );
  });

  it("are sent in the alphabet of URLs", () => {
    const header = authHeader({ username: "???>>>", password: "~~~" })["X-Registry-Auth"]!;
    expect(header).not.toMatch(/[+/]/);
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({
      username: "???>>>",
      password: "~~~",
    });
  });
});
