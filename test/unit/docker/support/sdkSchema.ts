import type { Member, readSdk, SdkType } from "./sdk.js";

type Sdk = ReturnType<typeof readSdk>;
type Json = Record<string, unknown>;

/** The Pulumi package schema that the SDK was made from, as far as its declarations tell. */
export function sdkSchema(sdk: Sdk): Json {
  const types: Record<string, Json> = {};

  const visit = (type: SdkType): Json => {
    switch (type.kind) {
      case "any":
        return { $ref: "pulumi.json#/Any" };
      case "list":
        return { type: "array", items: visit(type.of) };
      case "map":
        return { type: "object", additionalProperties: visit(type.of) };
      case "number":
        // Docker knows no others.
        return { type: "integer" };
      case "enum": {
        const token = `docker:index/${lower(type.name)}:${type.name}`;
        types[token] = {
          type: "string",
          enum: sdk.values(type.name).map((value) => ({ name: value, value })),
        };
        return { type: "string", $ref: `#/types/${token}` };
      }
      case "object": {
        // What an output adds to the input of the same name is optional there.
        const token = `docker:index/${type.name}:${type.name}`;
        types[token] ??= {};
        const known = (types[token]["properties"] ?? {}) as Json;
        const members = sdk.members(type);
        const required =
          type.side === "inputs" ? requiredOf(members) : (types[token]["required"] ?? requiredOf(members));
        types[token] = { type: "object", properties: known, required };
        Object.assign(known, properties(members), { ...known });
        return { $ref: `#/types/${token}` };
      }
      default:
        return { type: type.kind };
    }
  };
  const properties = (members: readonly Member[]): Json =>
    Object.fromEntries(members.map(({ name, type }) => [name, visit(type)]));
  const object = (members: readonly Member[]): Json => ({
    type: "object",
    properties: properties(members),
    required: requiredOf(members),
  });
  const resource = ({ inputs, outputs }: { inputs: Member[]; outputs: Member[] }): Json => ({
    inputProperties: properties(inputs),
    requiredInputs: requiredOf(inputs),
    properties: properties(outputs),
    required: requiredOf(outputs),
  });

  const { Provider, ...resources } = Object.fromEntries(sdk.resources);
  return {
    displayName: "Docker",
    license: "Apache-2.0",
    // The module of a token is what comes before its slash.
    meta: { moduleFormat: "(.*)(?:/[^/]*)" },
    config: { variables: properties(Provider!.inputs) },
    provider: resource(Provider!),
    resources: Object.fromEntries(
      Object.entries(resources).map(([name, it]) => [`docker:index/${lower(name)}:${name}`, resource(it)]),
    ),
    functions: Object.fromEntries(
      [...sdk.functions].map(([name, { inputs, outputs }]) => [
        `docker:index/${name}:${name}`,
        { inputs: object(inputs), outputs: object(outputs) },
      ]),
    ),
    types: Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function requiredOf(members: readonly Member[]): string[] {
  return members.filter(({ required }) => required).map(({ name }) => name);
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
