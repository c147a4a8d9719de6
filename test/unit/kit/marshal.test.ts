import fc from "fast-check";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, test } from "vitest";
import { decode, encode } from "../../../providers/kit/marshal.js";
import { containsSecret, type Property, type PropertyMap, Secret } from "../../../providers/kit/property.js";
import { conceal, reveal } from "../../../providers/kit/secrecy.js";
import { signatureKey, unknownSentinels } from "../../../providers/kit/signatures.js";
import { unknown } from "../../../providers/kit/types.js";
import { hasUnknown, isUnknown } from "../../../providers/kit/unknown.js";

// The engine's own values have no lone surrogates, signatures or sentinels in ordinary texts and names.
const text = fc.string({ unit: "grapheme" });
// google-protobuf's own map keeps its entries in a plain object, and so loses this name.
const name = text.filter((it) => it !== signatureKey && it !== "__proto__");
const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  text,
  fc.constant(unknown),
);
const { map: properties } = fc.letrec<{ value: Property; map: PropertyMap }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    // A secret null is not to be told from an unset one, and what is unset needs no secrecy.
    tie("value").map((value) => (value instanceof Secret || value === null ? value : new Secret(value))),
    fc.array(tie("value")),
    tie("map"),
  ),
  map: fc.dictionary(name, tie("value"), { noNullPrototype: true }),
}));

/** Through bytes, as gRPC does. */
function overTheWire(map: object): PropertyMap {
  return decode(struct.Struct.deserializeBinary(encode(map).serializeBinary()));
}

describe("encode and decode", () => {
  test("are each other's reverse, secrets and unknowns included", () => {
    fc.assert(
      fc.property(properties, (map) => {
        expect(overTheWire(map)).toEqual(map);
      }),
    );
  });

  test.each([...unknownSentinels])("take the sentinel %s for an unknown", (sentinel) => {
    expect(overTheWire({ a: [sentinel] })).toEqual({ a: [unknown] });
  });

  test("leave assets as they are", () => {
    const asset = { [signatureKey]: "c44067f5952c0a294b673a41bacd8c17", hash: "h", path: "./x" };
    expect(overTheWire({ asset })).toEqual({ asset });
  });

  test("take a resource for its id, and for its URN while it has none", () => {
    const reference = { [signatureKey]: "5cf8f73096256a8f31e491e813e4eb8e", urn: "urn:x" };
    expect(overTheWire({ a: reference, b: { ...reference, id: "i" } })).toEqual({ a: "urn:x", b: "i" });
  });

  test("keep one wrapper of several", () => {
    expect(overTheWire({ a: new Secret(new Secret("x")) })).toEqual({ a: new Secret("x") });
  });

  test("leave out what is undefined", () => {
    expect(overTheWire({ a: undefined, b: { c: undefined } })).toEqual({ b: {} });
  });

  test("refuse what is not data, and say where it is", () => {
    expect(() => encode({ a: [{ b: new Date(0) }] })).toThrow(
      "a[0].b is a Date; only plain data can be kept in the state",
    );
    expect(() => encode({ "x.y": () => 1 })).toThrow('["x.y"] is a function; only plain data');
    expect(() => encode({ big: 1n })).toThrow("big is a bigint; only plain data");
  });
});

describe("reveal and conceal", () => {
  test("give back at least the secrecy that there was", () => {
    fc.assert(
      fc.property(properties, (map) => {
        const plain = reveal(map);
        expect(containsSecret(plain as PropertyMap)).toBe(false);
        const hidden = conceal(plain, [map]);
        expect(reveal(hidden)).toEqual(plain);
        for (const key of Object.keys(plain)) {
          if (containsSecret(map[key])) expect(containsSecret(hidden[key])).toBe(true);
        }
      }),
    );
  });

  test("hide only the secret member of an object, but all of a list", () => {
    const source = { object: { a: new Secret("x"), b: "y" }, list: ["1", new Secret("2")], plain: "z" };
    expect(conceal({ object: { a: "x2", b: "y" }, list: ["2", "1"], plain: "z" }, [source])).toEqual({
      object: { a: new Secret("x2"), b: "y" },
      list: new Secret(["2", "1"]),
      plain: "z",
    });
  });

  test("hide what is named, unless it is left out", () => {
    expect(conceal({ key: "k", gone: undefined }, [], ["key", "gone"])).toEqual({ key: new Secret("k") });
  });

  test("hide a text that holds a secret, wherever it is, but not for a short one's sake", () => {
    const source = { password: new Secret("swordfish"), port: new Secret("8080") };
    expect(conceal({ urls: ["http://u:swordfish@h:1", "http://h:8080"] }, [source])).toEqual({
      urls: [new Secret("http://u:swordfish@h:1"), "http://h:8080"],
    });
  });

  test("take null for unset", () => {
    expect(reveal({ a: null, b: { c: null, d: 1 }, e: [null] })).toEqual({ b: { d: 1 }, e: [null] });
  });

  test("keep what is not data for the marshaller to refuse", () => {
    const when = new Date(0);
    expect(conceal({ when }, [{ s: new Secret("swordfish") }])).toEqual({ when });
  });
});

test("unknowns are found at the top and inside", () => {
  expect([unknown, [unknown], "x"].map(isUnknown)).toEqual([true, false, false]);
  expect([unknown, { a: [{ b: unknown }] }, { a: [1, null] }].map(hasUnknown)).toEqual([true, true, false]);
});
