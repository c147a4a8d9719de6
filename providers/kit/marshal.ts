import type {
  Struct as StructMessage,
  Value as ValueMessage,
} from "google-protobuf/google/protobuf/struct_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { formatPath, type Path } from "./path.js";
import { type Property, type PropertyMap, Secret, unwrap } from "./property.js";
import {
  outputSignature,
  resourceSignature,
  secretSignature,
  signatureKey,
  unknownSentinel,
  unknownSentinels,
} from "./signatures.js";
import { unknown } from "./types.js";

const { Struct, Value, ListValue, NullValue } = struct;
const { KindCase } = Value;

/** From the wire. Assets and archives stay the signature objects they are; a reference to a resource becomes its id. */
export function decode(message: StructMessage | undefined): PropertyMap {
  if (!message) return {};
  const members: [string, Property][] = [];
  message.getFieldsMap().forEach((value, name) => {
    members.push([name, decodeValue(value)]);
  });
  return Object.fromEntries(members);
}

function decodeValue(message: ValueMessage): Property {
  switch (message.getKindCase()) {
    case KindCase.BOOL_VALUE:
      return message.getBoolValue();
    case KindCase.NUMBER_VALUE:
      return message.getNumberValue();
    case KindCase.STRING_VALUE: {
      const text = message.getStringValue();
      return unknownSentinels.has(text) ? unknown : text;
    }
    case KindCase.LIST_VALUE:
      return message.getListValue()!.getValuesList().map(decodeValue);
    case KindCase.STRUCT_VALUE:
      return decodeObject(decode(message.getStructValue()));
    default:
      return null;
  }
}

function decodeObject(object: PropertyMap): Property {
  if (!Object.hasOwn(object, signatureKey)) return object;
  switch (object[signatureKey]) {
    case secretSignature:
      return new Secret(unwrap(object["value"] ?? null));
    case outputSignature: {
      const value = Object.hasOwn(object, "value") ? object["value"]! : unknown;
      return object["secret"] === true ? new Secret(unwrap(value)) : value;
    }
    case resourceSignature: {
      const id = object["id"];
      return id === undefined || id === "" ? (object["urn"] ?? null) : id;
    }
    default:
      return object;
  }
}

/**
 * To the wire. Members that are undefined are left out.
 * @throws TypeError for what is not plain data (a Date, a Buffer, a function), with its path.
 */
export function encode(properties: object): StructMessage {
  return encodeMembers(properties, []);
}

function encodeMembers(object: object, path: Path): StructMessage {
  const message = new Struct();
  const fields = message.getFieldsMap();
  for (const [name, value] of Object.entries(object)) {
    if (value !== undefined) fields.set(name, encodeValue(value, [...path, name]));
  }
  return message;
}

function encodeValue(value: unknown, path: Path): ValueMessage {
  const message = new Value();
  if (value === null || value === undefined) return message.setNullValue(NullValue.NULL_VALUE);
  if (value === unknown) return message.setStringValue(unknownSentinel);
  if (typeof value === "boolean") return message.setBoolValue(value);
  if (typeof value === "number") return message.setNumberValue(value);
  if (typeof value === "string") return message.setStringValue(value);
  if (value instanceof Secret) {
    const wrapped = encodeMembers({ [signatureKey]: secretSignature }, path);
    wrapped.getFieldsMap().set("value", encodeValue(unwrap(value), path));
    return message.setStructValue(wrapped);
  }
  if (Array.isArray(value)) {
    const elements = value.map((element, index) => encodeValue(element, [...path, index]));
    return message.setListValue(new ListValue().setValuesList(elements));
  }
  if (typeof value === "object" && isPlain(value)) return message.setStructValue(encodeMembers(value, path));
  throw new TypeError(`${formatPath(path)} is ${describe(value)}; only plain data can be kept in the state`);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function describe(value: unknown): string {
  return typeof value === "object" && value
    ? `a ${value.constructor?.name ?? "object"}`
    : `a ${typeof value}`;
}
