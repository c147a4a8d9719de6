import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demultiplex } from "../../../providers/docker/engine/demultiplex.js";
import { image as imageHandler } from "../../../providers/docker/image/image.js";
import { remoteImage } from "../../../providers/docker/image/remoteImage.js";
import { tag } from "../../../providers/docker/tag.js";
import { type DockerServer, image, startDockerServer } from "./support/dockerServer.js";
import { callOn, Lifecycle } from "./support/lifecycle.js";

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
