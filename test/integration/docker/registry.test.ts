import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configure } from "../../../providers/docker/configuration.js";
import { getRegistryImage } from "../../../providers/docker/functions/getRegistryImage.js";
import { getRegistryImageManifests } from "../../../providers/docker/functions/getRegistryImageManifests.js";
import { registryImage } from "../../../providers/docker/registry/registryImage.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { callOn, Lifecycle, type TestCall } from "../../support/docker/lifecycle.js";

/** "correct horse", by bcrypt. */
const htpasswd = "me:$2b$04$bVyVhhwmT0uE8Mr.Q8JSAuHMvLhB87nvGF/YHFFbqpI92ekaKULTa";
const password = "correct horse";

let server: DockerServer;
let registry = "";
let guarded = "";

beforeAll(async () => {
  server = await startDockerServer();
  registry = await server.registry();
  guarded = await server.guardedRegistry(htpasswd);
});
afterAll(() => server?.stop());

const call = (name: string) => callOn(server.host, name);
const calling = (registryAuth: object[]): TestCall => ({
  ...call("login"),
  config: configure({ host: server.host, registryAuth: JSON.stringify(registryAuth) }, {}),
});

/** A name in the registry, for the engine's own image or for a new one with this content. */
async function local(name: string, content?: string): Promise<string> {
  const [repo = "", tag = "1"] = `${registry}/${name}`.split(/:(?=[^:/]*$)/);
  if (content === undefined) {
    await server.docker.getImage(image).tag({ repo, tag });
  } else {
    const container = await server.docker.createContainer({
      Image: image,
      Cmd: ["true"],
      Env: [`C=${content}`],
    });
    await container.commit({ repo, tag });
    await container.remove();
  }
  return `${repo}:${tag}`;
}

describe("docker.RegistryImage", () => {
  it("is imported by its name", async () => {
    const name = await local("web:1");
    const life = await new Lifecycle(registryImage, call("web")).create({ name });
    const imported = new Lifecycle(registryImage, call("web"));
    Object.assign(imported, await life.import(name));
    expect(imported).toMatchObject({ id: life.id, inputs: { name }, state: life.state });
    expect(await imported.diff({ name })).toEqual([]);
    expect(await life.diff({ name: `${registry}/web:2` })).toEqual(["name update-replace"]);
    await life.delete();
  });

  it("pushes what it is told to build, and keeps it remotely where it is told to", async () => {
    const context = mkdtempSync(join(tmpdir(), "berth-context-"));
    writeFileSync(join(context, "Dockerfile"), `FROM ${image}\nENV BUILT=yes\n`);
    const inputs = { name: `${registry}/built:1`, build: { context }, keepRemotely: true };
    const life = await new Lifecycle(registryImage, call("built")).create(inputs);
    rmSync(context, { recursive: true });
    await life.delete();
    const found = await getRegistryImage({ name: inputs.name }, call("built"));
    expect(found).toEqual({ name: inputs.name, id: life.id, sha256Digest: life.id });
  });

  it("is found gone where another image has its name, and then leaves that alone", async () => {
    const name = await local("moved:1");
    const life = await new Lifecycle(registryImage, call("moved")).create({ name });
    await local("moved:1", "other");
    const other = await new Lifecycle(registryImage, call("other")).create({ name });
    expect(await life.refresh()).toBeUndefined();
    await life.delete();
    expect(await other.refresh()).toBeDefined();
    await other.delete();
    expect(await other.refresh()).toBeUndefined();
  });

  it("does not take another tag of the same image with it", async () => {
    const one = await new Lifecycle(registryImage, call("one")).create({ name: await local("both:1") });
    const two = await new Lifecycle(registryImage, call("two")).create({ name: await local("both:2") });
    expect(two.id).toBe(one.id);
    await one.delete();
    expect(one.call.said.join()).toContain('the tag "2" means it too');
    expect(await two.refresh()).toBeDefined();
  });

  it("names what is missing, and tells a registry that is away from an image that is", async () => {
    const checked = await registryImage.check?.({}, undefined, call("bad"));
    expect(checked?.failures.map(({ property }) => property)).toEqual(["name"]);
    const missing = new Lifecycle(registryImage, call("missing")).create({ name: `${registry}/nothing:1` });
    await expect(missing).rejects.toThrow("nothing");
    const life = await new Lifecycle(registryImage, call("away")).create({ name: await local("away:1") });
    life.state = { ...life.state, name: "127.0.0.1:1/away:1" };
    await expect(life.refresh()).rejects.toThrow(
      "registry 127.0.0.1:1 can't be reached: connect ECONNREFUSED",
    );
  });
});

describe("docker.getRegistryImage and docker.getRegistryImageManifests", () => {
  const named = () => `${guarded}/known:1`;
  const anyCertificate = { insecureSkipVerify: true };
  let digest = "";
  beforeAll(async () => {
    const pushed = await new Lifecycle(registryImage, call("known")).create({ name: await local("known:1") });
    digest = pushed.id;
  });

  it("log in with what the provider knows, and say what the matter is where they can't", async () => {
    const known = calling([{ address: guarded, username: "me", password }]);
    expect(await getRegistryImage({ name: named(), ...anyCertificate }, known)).toMatchObject({
      sha256Digest: digest,
    });
    const anonymous = getRegistryImage({ name: named() }, call("anonymous"));
    await expect(anonymous).rejects.toThrow(
      `registry ${guarded} wants a log-in: give the provider's registryAuth an entry with the address "${guarded}".`,
    );
    const wrong = calling([{ address: `https://${guarded}`, username: "me", password: "guess" }]);
    await expect(getRegistryImage({ name: named() }, wrong)).rejects.toThrow(
      `registry ${guarded} refuses "me"`,
    );
    const nothing = getRegistryImage({ name: `${guarded}/none:1` }, known);
    await expect(nothing).rejects.toThrow(`registry ${guarded} has no image "${guarded}/none:1"`);
  });

  it("tell the digest of each platform", async () => {
    const authConfig = { address: guarded, username: "me", password };
    const found = await getRegistryImageManifests({ name: named(), authConfig }, call("manifests"));
    expect(found).toMatchObject({
      id: digest,
      manifests: [{ architecture: "amd64", os: "linux", sha256Digest: digest }],
    });
  });
});
