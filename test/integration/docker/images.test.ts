import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configure } from "../../../providers/docker/configuration.js";
import { demultiplex } from "../../../providers/docker/engine/demultiplex.js";
import { image as imageHandler } from "../../../providers/docker/image/image.js";
import { remoteImage } from "../../../providers/docker/image/remoteImage.js";
import { registryImage } from "../../../providers/docker/registry/registryImage.js";
import { tag } from "../../../providers/docker/tag.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { callOn, Lifecycle, type TestCall } from "../../support/docker/lifecycle.js";

/** "correct horse", by bcrypt. */
const htpasswd = "me:$2b$04$bVyVhhwmT0uE8Mr.Q8JSAuHMvLhB87nvGF/YHFFbqpI92ekaKULTa";

let server: DockerServer;
let registry = "";
let context = "";

beforeAll(async () => {
  server = await startDockerServer();
  registry = await server.registry();
  context = mkdtempSync(join(tmpdir(), "berth-context-"));
  mkdirSync(join(context, "site"));
  writeFileSync(
    join(context, "Dockerfile"),
    `FROM ${image} AS base\nARG WHO\nRUN echo "built for $WHO" > /srv/who\nFROM base AS site\nCOPY site /srv\n`,
  );
  writeFileSync(join(context, "site/index.html"), "hello");
  writeFileSync(join(context, "site/noise.log"), "noise");
  writeFileSync(join(context, ".dockerignore"), "**/*.log\n");
});
afterAll(async () => {
  if (context) rmSync(context, { recursive: true });
  await server?.stop();
});

const call = (name: string) => callOn(server.host, name);
const names = async () => (await server.docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);

/** What a command in a container of the image prints. */
async function run(reference: string, ...Cmd: string[]): Promise<string> {
  const container = await server.docker.createContainer({ Image: reference, Cmd });
  await container.start();
  await container.wait();
  const log = (await container.logs({ stdout: true, stderr: true })) as unknown as Buffer;
  await container.remove();
  return demultiplex(log, false).trim();
}

describe("docker.Image", () => {
  it("builds with arguments and a target, honours .dockerignore, and stays local with skipPush", async () => {
    const inputs = { imageName: "local/site:1", skipPush: true, build: { context, args: { WHO: "us" } } };
    const life = await new Lifecycle(imageHandler, call("local")).create(inputs);
    expect(life.state.repoDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await run(life.state.repoDigest, "cat", "/srv/who")).toBe("built for us");
    expect(await run(life.state.repoDigest, "ls", "/srv")).toBe("index.html\nwho");
    expect(life.call.said).toContain("Step 1/5 : FROM busybox:test AS base");
    expect(await life.diff(inputs)).toEqual([]);

    const base = { ...inputs, build: { ...inputs.build, target: "base" } };
    expect(await life.diff(base)).toEqual(["build.target add"]);
    await life.update(base);
    expect(await run(life.state.repoDigest, "ls", "/srv")).toBe("who");

    expect(await life.refresh()).toBeDefined();
    await life.delete();
    expect(await names()).not.toContain("local/site:1");
    expect(await life.refresh()).toBeUndefined();
  });

  it("pushes, and finds out when the registry has lost it", async () => {
    const inputs = { imageName: `${registry}/site:1`, build: { context }, registry: { server: registry } };
    const life = await new Lifecycle(imageHandler, call("pushed")).create(inputs);
    expect(life.state).toMatchObject({
      repoDigest: expect.stringMatching(new RegExp(`^${registry}/site@sha256:[0-9a-f]{64}$`)),
      registryServer: registry,
      baseImageName: `${registry}/site:1`,
    });
    const credentials = { ...inputs, registry: { server: registry, username: "me", password: "new" } };
    expect(await life.diff(credentials), "credentials alone build nothing anew").toEqual([]);
    expect(await life.refresh()).toBeDefined();
    const lost = { ...life.state, repoDigest: `${registry}/site@sha256:${"0".repeat(64)}` };
    Object.assign(life, { state: lost });
    expect(await life.refresh()).toBeUndefined();
    await life.delete();
  });

  it("fails with the build's last lines", async () => {
    const folder = mkdtempSync(join(tmpdir(), "berth-broken-"));
    writeFileSync(join(folder, "Dockerfile"), `FROM ${image}\nRUN echo the reason; exit 9\n`);
    const creation = new Lifecycle(imageHandler, call("broken")).create({
      imageName: "local/broken",
      skipPush: true,
      build: { context: folder },
    });
    await expect(creation).rejects.toThrow(/the build failed: .*returned a non-zero code: 9\n.*the reason/s);
    rmSync(folder, { recursive: true });
  });

  it("builds with the engine's BuildKit, and shows its steps and last lines too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "berth-buildkit-"));
    const build = { context: folder, args: { WHO: "us" }, builderVersion: "BuilderBuildKit" as const };
    const inputs = { imageName: "local/kit:1", skipPush: true, build };
    // Only BuildKit knows mounts.
    const mount = "RUN --mount=type=cache,target=/cache";
    writeFileSync(
      join(folder, "Dockerfile"),
      `FROM ${image}\nARG WHO\n${mount} echo "for $WHO" > /srv/who\n`,
    );
    const life = await new Lifecycle(imageHandler, call("kit")).create(inputs);
    expect(await run(life.state.repoDigest, "cat", "/srv/who")).toBe("for us");
    expect(life.call.said.join("\n")).toContain(mount);
    writeFileSync(join(folder, "Dockerfile"), `FROM ${image}\n${mount} echo the reason; exit 9\n`);
    await expect(life.update(inputs)).rejects.toThrow(/the build failed: .*exit code: 9\n.*the reason/s);
    await life.delete();
    rmSync(folder, { recursive: true });
  });

  it("fails with the registry's words where it can't push", async () => {
    const creation = new Lifecycle(imageHandler, call("nowhere")).create({
      imageName: "127.0.0.1:1/site",
      build: { context },
      registry: { server: "127.0.0.1:1" },
    });
    await expect(creation).rejects.toThrow(/pushing 127\.0\.0\.1:1\/site failed: .*connection refused/);
  });
});

describe("docker.RemoteImage", () => {
  it("pulls by digest, says which it is, and leaves nothing", async () => {
    const pushed = await new Lifecycle(imageHandler, call("source")).create({
      imageName: `${registry}/remote:1`,
      build: { context, target: "base" },
    });
    const name = pushed.state.repoDigest;
    await server.docker.getImage(`${registry}/remote:1`).remove({ force: true });
    const life = await new Lifecycle(remoteImage, call("remote")).create({ name });
    expect(life.state).toMatchObject({ imageId: pushed.state.imageId, repoDigest: name });
    expect(life.id).toBe(`${pushed.state.imageId}${name}`);
    const before = life.state;
    await life.refresh();
    expect(life.state).toEqual(before);
    expect((await life.import(name))?.state).toMatchObject({ imageId: pushed.state.imageId });
    await life.delete();
    expect(await life.refresh()).toBeUndefined();
  });

  it("is taken from the engine where that has it, and pulled again for a trigger", async () => {
    const local = await new Lifecycle(remoteImage, call("present")).create({
      name: image,
      keepLocally: true,
    });
    expect(local.state).toMatchObject({ repoDigest: "" });
    await expect(local.update({ name: image, keepLocally: true, pullTriggers: ["1"] })).rejects.toThrow(
      image,
    );
    await local.delete();
    expect(await names()).toContain(image);
  });

  it("names the image that can't be pulled", async () => {
    const creation = new Lifecycle(remoteImage, call("missing")).create({ name: `${registry}/missing:1` });
    await expect(creation).rejects.toThrow(`pulling ${registry}/missing:1 failed: `);
  });

  it("builds, where it is told how", async () => {
    const build = { context, target: "base", buildArgs: { WHO: "them" }, labels: { role: "test" } };
    const life = await new Lifecycle(remoteImage, call("built")).create({ name: "local/remote:2", build });
    expect(await run(life.state.imageId, "cat", "/srv/who")).toBe("built for them");
    await life.delete();
    expect(await names()).not.toContain("local/remote:2");
  });
});

describe("BuildKit's session", () => {
  it("hands a build its secrets, which get into no layer, no message and no log file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "berth-secrets-"));
    const logFile = join(folder, "build.log");
    const mount = "RUN --mount=type=secret,id=file,required --mount=type=secret,id=variable,required";
    const lines = `${mount} cat /run/secrets/file /run/secrets/variable | tr -d '\\n' > /srv/seen && cat /srv/seen`;
    writeFileSync(join(folder, "Dockerfile"), `FROM ${image}\nARG AT\n${lines}\n`);
    writeFileSync(join(folder, "secret.txt"), "one-hush-hush\n");
    process.env["BERTH_TEST_SECRET"] = "two-hush-hush";
    const build = {
      context: folder,
      buildLogFile: logFile,
      secrets: [
        { id: "file", src: join(folder, "secret.txt") },
        { id: "variable", env: "BERTH_TEST_SECRET" },
      ],
    };
    try {
      writeFileSync(join(folder, ".dockerignore"), "secret.txt\n");
      const life = await new Lifecycle(remoteImage, call("secrets")).create({
        name: "local/secrets:1",
        build,
      });
      expect(await run(life.state.imageId, "cat", "/srv/seen")).toBe("one-hush-hushtwo-hush-hush");
      expect(readFileSync(logFile, "utf8")).toContain("[secret][secret]");
      expect(life.call.said.join() + readFileSync(logFile, "utf8")).not.toContain("hush-hush");
      const missing = { ...build, secrets: build.secrets.slice(0, 1) };
      const failing = life.update({ name: "local/secrets:1", build: { ...missing, noCache: true } });
      await expect(failing).rejects.toThrow(/the build failed: .*secret variable.*not found/s);
      delete process.env["BERTH_TEST_SECRET"];
      await expect(
        life.update({ name: "local/secrets:1", build: { ...build, noCache: true } }),
      ).rejects.toThrow('build secret "variable": the variable BERTH_TEST_SECRET is not set.');
      await life.delete();
    } finally {
      delete process.env["BERTH_TEST_SECRET"];
      rmSync(folder, { recursive: true });
    }
  });

  it("logs in to the registry that the base image comes from", async () => {
    const guarded = await server.guardedRegistry(htpasswd, { plain: true });
    const folder = mkdtempSync(join(tmpdir(), "berth-private-"));
    const [repo, tag] = [`${guarded}/base`, "1"];
    await server.docker.getImage(image).tag({ repo, tag });
    const credentials = { address: guarded, username: "me", password: "correct horse" };
    const known: TestCall = {
      ...call("private"),
      config: configure({ host: server.host, registryAuth: JSON.stringify([credentials]) }, {}),
    };
    await new Lifecycle(registryImage, known).create({ name: `${repo}:${tag}` });
    await server.docker.getImage(`${repo}:${tag}`).remove();
    writeFileSync(join(folder, "Dockerfile"), `FROM ${repo}:${tag}\nENV A=1\n`);
    const inputs = {
      imageName: "local/private:1",
      skipPush: true,
      build: { context: folder, builderVersion: "BuilderBuildKit" as const },
    };
    try {
      await expect(new Lifecycle(imageHandler, call("anonymous")).create(inputs)).rejects.toThrow(
        /the build failed: .*(unauthorized|authorization|no basic auth|401)/i,
      );
      const life = await new Lifecycle(imageHandler, known).create(inputs);
      await life.delete();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("docker.Tag", () => {
  it("names an image, and is found moved or gone", async () => {
    const inputs = { sourceImage: image, targetImage: "other:1" };
    const life = await new Lifecycle(tag, call("tag")).create(inputs);
    expect(await names()).toContain("other:1");
    expect(await life.refresh()).toBeDefined();
    expect((await life.import(life.id))?.inputs).toEqual(inputs);
    await server.docker.getImage("other:1").remove();
    expect(await life.refresh()).toBeUndefined();
    await life.delete();
  });
});
