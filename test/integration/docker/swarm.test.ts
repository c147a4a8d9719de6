import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { urnLabel } from "../../../providers/docker/plain.js";
import { secret } from "../../../providers/docker/swarm/secret.js";
import { service } from "../../../providers/docker/swarm/service/service.js";
import type { ContainerSpec, ServiceInputs } from "../../../providers/docker/swarm/service/types.js";
import { serviceConfig } from "../../../providers/docker/swarm/serviceConfig.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { callOn, Lifecycle } from "../../support/docker/lifecycle.js";
import { type ServiceMembers, serviceWith as serviceOf } from "../../support/docker/rows/serviceWith.js";

let server: DockerServer;
const base64 = (text: string) => Buffer.from(text).toString("base64");

beforeAll(async () => {
  server = await startDockerServer();
  const lonely = new Lifecycle(secret, call("lonely")).create({ data: base64("x") });
  await expect(lonely).rejects.toThrow("not a swarm manager");
  await server.docker.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
  const made = { Labels: {}, Data: base64("hello") };
  secretId = (await server.docker.createSecret({ Name: "made-by-hand", ...made })).id;
  configId = (await server.docker.createConfig({ Name: "made-by-hand", ...made })).id;
});
afterAll(() => server?.stop());

let secretId = "";
let configId = "";
const call = (name: string) => callOn(server.host, name);
const serviceWith = (members: ServiceMembers) => serviceOf(image, members);
const inspect = async (id: string) => server.docker.getService(id).inspect();

describe("docker.Secret and docker.ServiceConfig", () => {
  it("find what others changed, and what they can't find out they say", async () => {
    const life = await new Lifecycle(secret, call("drift")).create({ data: base64("x") });
    const byHand = server.docker.getSecret(life.id);
    const { Version, Spec } = (await byHand.inspect()) as any;
    await byHand.update({ ...Spec, Labels: { ...Spec.Labels, team: "b" }, version: Version.Index } as never);
    await life.refresh();
    expect(await life.diff({ data: base64("x") })).toEqual(["labels[0] delete"]);
    await expect(life.import(life.id)).rejects.toThrow(
      "can't be imported: Swarm does not tell what is in it",
    );
    await life.delete();
  });

  it("name every mistake", async () => {
    const checked = await serviceConfig.check?.({ data: "%", dataRaw: "x" }, undefined, call("bad"));
    expect(checked?.failures.map(({ property }) => property)).toEqual(["dataRaw"]);
    const other = await secret.check?.({ data: "not base64!" }, undefined, call("bad"));
    expect(other?.failures[0]?.reason).toContain("not base64");
  });

  it("say who uses them, and leave alone what is not theirs", async () => {
    const life = await new Lifecycle(serviceConfig, call("used")).create({ name: "used", dataRaw: "x" });
    const file = { configId: life.id, fileName: "/etc/used" };
    const user = await new Lifecycle(service, call("user")).create(
      serviceWith({ containerSpec: { image, commands: ["sleep", "600"], configs: [file] } }),
    );
    await expect(life.delete()).rejects.toThrow('config "used" is still in use');
    await user.delete();
    await life.delete();
    const taken = new Lifecycle(serviceConfig, call("thief")).create({ name: "made-by-hand", dataRaw: "x" });
    await expect(taken).rejects.toThrow('the config name "made-by-hand" is taken by');
  });
});

describe("docker.Service", () => {
  it("looks up the names of secrets and configs, and says which the swarm does not have", async () => {
    for (const [kind, id] of [
      ["secrets", { secretId }],
      ["configs", { configId }],
    ] as const) {
      const file = { ...id, fileName: "hello" };
      const life = await new Lifecycle(service, call(kind)).create(
        serviceWith({ containerSpec: { [kind]: [file] } as unknown as ContainerSpec }),
      );
      expect(await life.diff()).toEqual([]);
      await life.delete();
      const none = [{ ...file, secretId: "none", configId: "none" }];
      const missing = serviceWith({ containerSpec: { [kind]: none } as never });
      const word = kind.slice(0, -1);
      await expect(new Lifecycle(service, call(kind)).create(missing)).rejects.toThrow(
        `the swarm has no ${word} "none"`,
      );
    }
  });

  it("waits until its tasks run, and rolls a change out to the last", async () => {
    const wanted = (value: string): ServiceInputs =>
      serviceWith({
        mode: { replicated: { replicas: 2 } },
        convergeConfig: { delay: "100ms", timeout: "60s" },
        updateConfig: { monitor: "100ms" },
        containerSpec: { env: { V: value } } as unknown as ContainerSpec,
      });
    const running = async (id: string) => {
      const filters = { service: [id], "desired-state": ["running"] };
      const tasks = (await server.docker.listTasks({
        filters: JSON.stringify(filters),
      } as never)) as unknown as any[];
      return tasks.map(({ Status, Spec }) => `${Status.State} ${Spec.ContainerSpec.Env}`).sort();
    };
    const life = await new Lifecycle(service, call("converging")).create(wanted("1"));
    expect(await running(life.id)).toEqual(["running V=1", "running V=1"]);
    await life.update(wanted("2"));
    expect(await running(life.id)).toEqual(["running V=2", "running V=2"]);
    expect(life.call.said.join()).toContain("to converge: 2 of 2 tasks run");
    await life.delete();
    const left = await server.docker.listContainers({ all: true });
    expect(left).toEqual([]);
  });

  it("says what its tasks died of, and leaves no service that never ran", async () => {
    const failing = serviceWith({
      convergeConfig: { delay: "500ms", timeout: "8s" },
      restartPolicy: { delay: "100ms" },
      containerSpec: { commands: ["sh", "-c", "echo no configuration; sleep 0.1; exit 7"] } as ContainerSpec,
    });
    await expect(new Lifecycle(service, call("failing")).create(failing)).rejects.toThrow(
      /did not converge within 8s .*of 1 tasks run\.\nIts tasks ended with:\n {2}task: non-zero exit \(7\)\nTheir last log lines:\n {2}no configuration/s,
    );
    expect(await server.docker.listServices()).toEqual([]);
  });

  it("keeps what Swarm has of a change that it paused, so that the next update goes on", async () => {
    const wanted = (commands: string[]): ServiceInputs =>
      serviceWith({
        name: "pausing",
        convergeConfig: { delay: "100ms", timeout: "30s" },
        updateConfig: { monitor: "1s", failureAction: "pause" },
        restartPolicy: { condition: "none" },
        containerSpec: { commands } as ContainerSpec,
      });
    const life = await new Lifecycle(service, call("pausing")).create(wanted(["sleep", "600"]));
    const failed = life.update(wanted(["false"]));
    await expect(failed).rejects.toThrow('service "pausing" did not converge: its update was paused');
    await expect(failed).rejects.toMatchObject({ partial: { id: life.id } });
    await life.update(wanted(["sleep", "700"]));
    await life.delete();
  });

  it("finds what others changed, changes it back, and keeps its environment secret", async () => {
    const inputs = serviceWith({
      name: "drifting",
      containerSpec: { env: { PASSWORD: "x" } } as unknown as ContainerSpec,
    });
    const life = await new Lifecycle(service, call("drifting")).create(inputs);
    const { Spec, Version } = await inspect(life.id);
    const scaled = { ...Spec, Mode: { Replicated: { Replicas: 3 } }, version: Version.Index };
    scaled.TaskTemplate.ContainerSpec.User = "web";
    await server.docker.getService(life.id).update(scaled);
    await life.refresh();
    await life.refresh();
    const drift = ["mode delete", "taskSpec.containerSpec.user delete"];
    expect((await life.diff(inputs)).sort()).toEqual(drift);
    await life.update(inputs);
    expect((await inspect(life.id)).Spec.Mode).toEqual({ Replicated: { Replicas: 1 } });
    await life.refresh();
    expect(await life.diff(inputs)).toEqual([]);
    expect(service.secrets).toEqual(["observed", "declared"]);
    await life.delete();
  });

  it("takes the place of what an interrupted creation left, and of nothing else", async () => {
    const mine = call("mine");
    const TaskTemplate = { ContainerSpec: { Image: image } };
    await server.docker.createService({
      Name: "left",
      Labels: { [urnLabel]: mine.urn },
      TaskTemplate,
    } as never);
    const life = await new Lifecycle(service, mine).create(serviceWith({ name: "left" }));
    expect(mine.said.join()).toContain("an interrupted creation has left");
    await life.delete();
    const foreign = await server.docker.createService({ Name: "foreign", TaskTemplate } as never);
    await expect(new Lifecycle(service, mine).create(serviceWith({ name: "foreign" }))).rejects.toThrow(
      'the service name "foreign" is taken by service',
    );
    await server.docker.getService(foreign.id).remove();
  });

  it("is not taken for gone where the engine is no manager, or not there", async () => {
    const life = await new Lifecycle(service, call("away")).create(serviceWith({}));
    const elsewhere = new Lifecycle(service, callOn("unix:///nowhere/docker.sock", "away"));
    Object.assign(elsewhere, { id: life.id, state: life.state, inputs: life.inputs });
    await expect(elsewhere.refresh()).rejects.toThrow("can't be reached");
    await life.delete();
    await server.docker.swarmLeave({ force: true });
    await expect(life.refresh()).rejects.toThrow("not a swarm manager");
  });
});
