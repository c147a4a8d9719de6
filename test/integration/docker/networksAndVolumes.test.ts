import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getNetwork } from "../../../providers/docker/functions/getNetwork.js";
import { getRemoteImage } from "../../../providers/docker/functions/getRemoteImage.js";
import { network } from "../../../providers/docker/network.js";
import { urnLabel } from "../../../providers/docker/plain.js";
import { volume } from "../../../providers/docker/volume.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { callOn, Lifecycle } from "../../support/docker/lifecycle.js";

let server: DockerServer;

beforeAll(async () => {
  server = await startDockerServer();
});
afterAll(() => server?.stop());

const call = (name: string) => callOn(server.host, name);

describe("docker.Network", () => {
  it("lives its life", async () => {
    const inputs = {
      name: "backend",
      internal: true,
      ipamConfigs: [{ subnet: "10.88.0.0/24", gateway: "10.88.0.1", ipRange: "10.88.0.128/25" }],
      options: { "com.docker.network.bridge.name": "br-test" },
      labels: [
        { label: "b", value: "2" },
        { label: "a", value: "1" },
      ],
    };
    const life = await new Lifecycle(network, call("network")).create(inputs);
    expect(life.state).toMatchObject({ name: "backend", driver: "bridge", scope: "local", internal: true });
    expect(await life.diff({ ...inputs, labels: [...inputs.labels].reverse() })).toEqual([]);
    expect(await life.diff({ ...inputs, internal: false })).toEqual(["internal update-replace"]);
    const before = life.state;
    await life.refresh();
    expect(life.state).toEqual(before);
    const imported = new Lifecycle(network, life.call);
    Object.assign(imported, await life.import(life.id));
    expect(await imported.diff(inputs)).toEqual([]);

    const found = await getNetwork({ name: "backend" }, life.call);
    expect(found).toMatchObject({ id: life.id, ipamConfigs: inputs.ipamConfigs, containers: [] });
    await life.delete();
    expect(await life.refresh()).toBeUndefined();
    await life.delete();
    await expect(getNetwork({ name: "backend" }, life.call)).rejects.toThrow('no network "backend"');
  });

  it("says who still uses it", async () => {
    const life = await new Lifecycle(network, call("used")).create({ name: "used" });
    const user = await server.docker.createContainer({
      name: "user",
      Image: image,
      Cmd: ["sleep", "60"],
      HostConfig: { NetworkMode: "used" },
    });
    await user.start();
    await expect(life.delete()).rejects.toThrow('network "used" is still used by user.');
    await user.remove({ force: true });
    await life.delete();
  });

  it("takes the place of what an interrupted creation left, and of nothing else", async () => {
    const mine = call("mine");
    await server.docker.createNetwork({ Name: "left", Labels: { [urnLabel]: mine.urn } });
    await server.docker.createNetwork({ Name: "foreign" });
    const life = await new Lifecycle(network, mine).create({ name: "left" });
    expect(mine.said.join()).toContain("an interrupted creation has left");
    await life.delete();
    const creation = new Lifecycle(network, mine).create({ name: "foreign" });
    await expect(creation).rejects.toThrow('the network name "foreign" is taken by network');
  });
});

describe("docker.Volume", () => {
  it("lives its life", async () => {
    const inputs = {
      name: "data",
      driverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" },
      labels: [{ label: "a", value: "1" }],
    };
    const life = await new Lifecycle(volume, call("volume")).create(inputs);
    expect(life.state).toMatchObject({ driver: "local", mountpoint: expect.stringMatching(/data\/_data$/) });
    expect(await life.diff()).toEqual([]);
    expect(await life.diff({ ...inputs, labels: [] })).toEqual(["labels[0] delete-replace"]);
    const before = life.state;
    await life.refresh();
    expect(life.state).toEqual(before);
    const imported = new Lifecycle(volume, life.call);
    Object.assign(imported, await life.import("data"));
    expect(await imported.diff(inputs)).toEqual([]);
    await life.delete();
    expect(await life.refresh()).toBeUndefined();
    await life.delete();
  });

  it("never takes a volume, and its data, that was not created for it", async () => {
    await server.docker.createVolume({ Name: "precious" });
    const creation = new Lifecycle(volume, call("thief")).create({ name: "precious" });
    await expect(creation).rejects.toThrow(
      'the volume "precious" exists and was not created for this resource',
    );
  });

  it("says that it is still in use", async () => {
    const life = await new Lifecycle(volume, call("busy")).create({ name: "busy" });
    const user = await server.docker.createContainer({
      Image: image,
      HostConfig: { Binds: ["busy:/data"] },
      Cmd: ["true"],
    });
    await expect(life.delete()).rejects.toThrow('volume "busy" is still in use');
    await user.remove();
    await life.delete();
  });
});

describe("docker.getRemoteImage", () => {
  it("finds what the engine has", async () => {
    expect(await getRemoteImage({ name: image }, call("get"))).toMatchObject({
      id: expect.stringMatching(/^sha256:/),
      name: image,
    });
    await expect(getRemoteImage({ name: "nobody:1" }, call("get"))).rejects.toThrow('no image "nobody:1"');
  });
});
