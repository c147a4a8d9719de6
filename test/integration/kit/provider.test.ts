import { status } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { describe, expect } from "vitest";
import { startServer } from "../../../providers/kit/server.js";
import { boxProvider } from "./support/boxProvider.js";
import { boxUrn, Client, stoneUrn } from "./support/client.js";
import { startFakeEngine } from "./support/fakeEngine.js";
import { test } from "./support/kitTest.js";
import { secret, unknownText } from "./support/wire.js";

describe("the provider's own methods", () => {
  test("handshake and configure offer secrets and previews", async ({ client, folder }) => {
    const handshake = await client.call(client.raw.handshake, new messages.ProviderHandshakeRequest());
    expect((handshake as pb.ProviderHandshakeResponse).toObject()).toMatchObject({
      acceptSecrets: true,
      acceptResources: false,
      acceptOutputs: true,
    });
    expect((await client.configure({ folder })).toObject()).toMatchObject({
      acceptsecrets: true,
      acceptresources: false,
      supportspreview: true,
      acceptoutputs: true,
    });
  });

  test("checkConfig hands on what is the engine's, and reports failures", async ({ client }) => {
    const good = { folder: "/x", version: "1.2.3", token: unknownText };
    expect(await client.checkConfig(good)).toEqual({ inputs: good, failures: [] });
    expect(await client.checkConfig({ version: "1.2.3" })).toEqual({
      inputs: { version: "1.2.3" },
      failures: [{ property: "folder", reason: "folder is required" }],
    });
  });

  test("diffConfig replaces only for the keys that ask for it", async ({ client }) => {
    const old = { folder: "/x", token: "t", version: "1.0.0" };
    expect(await client.diffConfig(old, { ...old, version: "2.0.0" })).toMatchObject({ none: true });
    expect(await client.diffConfig(old, { ...old, token: "u" })).toMatchObject({
      details: { token: "update" },
      replaces: [],
    });
    expect(await client.diffConfig(old, { ...old, folder: unknownText })).toMatchObject({
      details: { folder: "update_replace" },
      replaces: ["folder"],
    });
  });

  test("an error in configure reaches the engine as its message alone, without secrets", async () => {
    const configure = (config: Record<string, unknown>) => {
      throw new Error(`token ${config["token"]} is not of this registry`);
    };
    const server = await startServer({ ...boxProvider, configure });
    const client = new Client(server.port);
    await expect(client.configure({ token: secret("token-of-another") })).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: "token [secret] is not of this registry",
    });
    await expect(client.create(boxUrn, { label: "a" })).rejects.toMatchObject({
      details: 'provider "box" was asked to create before it was configured',
    });
    client.close();
    await server.stop("was stopped", 1000);
  });

  test("tells its version and schema", async ({ client }) => {
    const info = await client.call(client.raw.getPluginInfo, new empty.Empty());
    expect((info as InstanceType<typeof plugin.PluginInfo>).getVersion()).toBe("1.2.3");
    const schema = await client.call(client.raw.getSchema, new messages.GetSchemaRequest());
    expect(JSON.parse((schema as pb.GetSchemaResponse).getSchema())).toEqual({
      name: "box",
      version: "1.2.3",
    });
  });

  test("has no mappings, and does not offer the rest", async ({ client }) => {
    const mapping = await client.call(
      client.raw.getMapping,
      new messages.GetMappingRequest().setKey("terraform"),
    );
    expect((mapping as pb.GetMappingResponse).getData_asU8()).toHaveLength(0);
    const mappings = await client.call(client.raw.getMappings, new messages.GetMappingsRequest());
    expect((mappings as pb.GetMappingsResponse).getProvidersList()).toEqual([]);
    const refusals = await Promise.all([
      client.call(client.raw.parameterize, new messages.ParameterizeRequest()).catch((error) => error.code),
      client.call(client.raw.construct, new messages.ConstructRequest()).catch((error) => error.code),
      client.call(client.raw.call, new messages.CallRequest()).catch((error) => error.code),
    ]);
    expect(refusals).toEqual([status.UNIMPLEMENTED, status.UNIMPLEMENTED, status.UNIMPLEMENTED]);
  });

  test("logs to the engine that attaches", async ({ folder }) => {
    const [server, engine] = [await startServer(boxProvider), await startFakeEngine()];
    const client = new Client(server.port);
    await client.call(client.raw.attach, new plugin.PluginAttach().setAddress(engine.address));
    await client.configure({ folder });
    await client.create(boxUrn, { label: "a" });
    expect(engine.lines.map(({ message, urn }) => ({ message, urn }))).toEqual([
      { message: "making box-a with undefined and undefined", urn: boxUrn },
    ]);
    client.close();
    await server.stop("was stopped", 1000);
    engine.stop();
  });

  test("two configurations in one process: the last counts, all are closed", async ({ folder, engine }) => {
    const closed: string[] = [];
    const close = async (config: { folder: string }) => {
      closed.push(config.folder);
      throw new Error("already closed");
    };
    const server = await startServer({ ...boxProvider, close }, { engineAddress: engine.address });
    const client = new Client(server.port);
    await client.configure({ folder: `${folder}/one` });
    await client.configure({ folder: `${folder}/two` });
    await client.create(boxUrn, { label: "a" });
    expect((await client.read(boxUrn, "box-a")).id).toBe("box-a");
    client.close();
    await server.stop("was stopped", 1000);
    expect(closed).toEqual([`${folder}/one`, `${folder}/two`]);
  });
});

describe("invoke", () => {
  test("calls the function, with the preview flag", async ({ client }) => {
    expect(await client.invoke("box:index:describe", { label: "a" }, true)).toEqual({
      text: "a box for a",
      preview: true,
    });
  });

  test("makes the whole result secret where an argument is", async ({ client, engine }) => {
    const result = await client.invoke("box:index:describe", { label: "a", password: secret("swordfish") });
    expect(result).toEqual({ text: secret("a box for a"), preview: secret(false) });
    expect(engine.lines).toMatchObject([{ message: "describing [secret]", urn: "" }]);
  });

  test("names the functions that there are when asked for another", async ({ client }) => {
    await expect(client.invoke("box:index:open", {})).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details:
        'provider "box" has no function "box:index:open"; it has: box:index:describe, box:index:explode',
    });
  });
});

test("calls run side by side", async ({ client, engine }) => {
  const waiting = client
    .create(boxUrn, { label: "slow", behaviour: "hang" }, { timeout: 30 })
    .catch((error) => error);
  await engine.line(({ ephemeral }) => ephemeral);
  expect((await client.create(stoneUrn, { weight: 1 })).id).toBe("stone-1");
  await client.cancel();
  expect(await waiting).toMatchObject({ code: status.CANCELLED });
});
