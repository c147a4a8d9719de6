import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../../providers/docker/engine/engine.js";
import { getLogs } from "../../../providers/docker/functions/getLogs.js";
import { getPlugin } from "../../../providers/docker/functions/getPlugin.js";
import { plugin } from "../../../providers/docker/plugin/plugin.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { callOn, Lifecycle } from "../../support/docker/lifecycle.js";
import { publishPlugin } from "../../support/docker/world.js";

let server: DockerServer;
let engine: Engine;
let name = "";

beforeAll(async () => {
  server = await startDockerServer();
  engine = new Engine({ host: server.host });
  name = `${await server.registry()}/dummy:1`;
  await publishPlugin(server.host, name);
});
afterAll(async () => {
  engine?.close();
  await server?.stop();
});

const call = (of: string) => callOn(server.host, of);

describe("docker.Plugin", () => {
  const all = { grantAllPermissions: true };

  it("wants its permissions granted by name", async () => {
    const grantPermissions = [
      { name: "capabilities", values: ["CAP_NET_ADMIN"] },
      { name: "mount", values: ["/usr", dirname(process.execPath)] },
    ];
    const partly = new Lifecycle(plugin, call("partly")).create({
      name,
      grantPermissions: grantPermissions.slice(1),
    });
    await expect(partly).rejects.toThrow(
      `plugin ${name} asks for permissions that are not granted: capabilities (CAP_NET_ADMIN). Grant them with`,
    );
    const life = await new Lifecycle(plugin, call("granted")).create({ name, grantPermissions });
    expect(await life.diff({ name, grantPermissions: grantPermissions.slice(1) })).toContain(
      "grantPermissions[1] delete-replace",
    );
    await expect(new Lifecycle(plugin, call("twice")).create({ name, ...all })).rejects.toThrow(
      "has a plugin",
    );
    await life.delete();
  });

  it("is found switched off, and is switched on again", async () => {
    const inputs = { name, alias: "switched", ...all, envs: ["DEBUG=1"] };
    const life = await new Lifecycle(plugin, call("switched")).create(inputs);
    const signal = AbortSignal.timeout(30_000);
    await engine.call("POST", `/plugins/${life.id}/disable`, { signal });
    await engine.call("POST", `/plugins/${life.id}/set`, { signal, body: ["DEBUG=7"] });
    await life.refresh();
    expect((await life.diff(inputs)).sort()).toEqual(["enabled update", "envs[0] update"]);
    await life.update(inputs);
    expect(await getPlugin({ alias: "switched" }, life.call)).toEqual({
      alias: "switched:latest",
      enabled: true,
      envs: ["DEBUG=1"],
      grantAllPermissions: false,
      id: life.id,
      name: "switched:latest",
      pluginReference: name,
    });
    await life.delete();
    await expect(getPlugin({ id: life.id }, life.call)).rejects.toThrow("the engine has no plugin");
  });

  it("is removed again where it can't be switched on", async () => {
    const broken = name.replace("dummy", "broken");
    await publishPlugin(server.host, broken);
    const envs = ["NO_SUCH=1"];
    await expect(
      new Lifecycle(plugin, call("broken")).create({ name: broken, ...all, envs }),
    ).rejects.toThrow("NO_SUCH");
    expect(await engine.call("GET", "/plugins", { signal: AbortSignal.timeout(10_000) })).toEqual([]);
  });
});

describe("docker.getLogs", () => {
  it("gives what a container has written, line by line", async () => {
    const Cmd = ["sh", "-c", "echo one; echo two; echo bad >&2"];
    const container = await server.docker.createContainer({ name: "talker", Image: image, Cmd });
    await container.start();
    const { logsListStrings } = await getLogs({ name: "talker", follow: true }, call("logs"));
    expect([...(logsListStrings as string[])].sort()).toEqual(["bad", "one", "two"]);
    const last = await getLogs({ name: "talker", tail: "1" }, call("logs"));
    expect(last["id"]).toBe(container.id);
    expect(last["logsListStrings"]).toHaveLength(1);
    const out = await getLogs({ name: "talker", showStdout: true }, call("logs"));
    expect(out["logsListStrings"]).toEqual(["one", "two"]);
    const stamped = await getLogs({ name: "talker", showStderr: true, timestamps: true }, call("logs"));
    expect(stamped["logsListStrings"]).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z bad$/)]);
    const without = await getLogs({ name: "talker", logsListStringEnabled: false }, call("logs"));
    expect(without["logsListStrings"]).toEqual([]);
    const framed = await getLogs({ name: "talker", showStderr: true, discardHeaders: false }, call("logs"));
    expect(framed["logsListStrings"]).toEqual(["\u0002\0\0\0\0\0\0\u0004bad"]);
    await expect(getLogs({ name: "nobody" }, call("logs"))).rejects.toThrow('no container "nobody"');
    await container.remove();
  });
});
