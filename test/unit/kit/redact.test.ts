import fc from "fast-check";
import { expect, test } from "vitest";
import { Secret } from "../../../providers/kit/property.js";
import { redactor } from "../../../providers/kit/redact.js";

test("no secret of four signs or more is left in a text, however deep it was", () => {
  const secret = fc
    .string({ minLength: 4, unit: "grapheme" })
    .filter((it) => it.trim().length >= 4 && !"[secret]".includes(it.trim()));
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1 }), fc.string(), (secrets, between) => {
      const redact = redactor([{ a: [{ b: new Secret({ c: secrets }) }] }]);
      // Blanks are no sign that can be read, so that a rest of a secret may touch the next text without making it whole.
      const text = redact(secrets.join(`\u0000${between}\u0000`));
      for (const it of secrets) expect(text.replaceAll("[secret]", "\u0001")).not.toContain(it);
    }),
  );
});

test.each([
  ["in the middle", "pw=swordfish;", "pw=[secret];"],
  ["in JSON", JSON.stringify({ key: 'quo"ted\nlines' }), '{"key":"[secret]"}'],
  ["line by line", "  > lines\n", "  > [secret]\n"],
  ["in a URL", "https://u:p%40ss%2Fword@host", "https://u:[secret]@host"],
  ["in base64", `Basic ${Buffer.from("swordfish").toString("base64")}`, "Basic [secret]"],
  ["as the longer of two", "swordfish-tail", "[secret]"],
  ["not where it is too short", "abc", "abc"],
])("%s", (_, text, expected) => {
  const secrets = ["swordfish", "swordfish-tail", 'quo"ted\nlines', "p@ss/word", "abc", ""].map(
    (it) => new Secret(it),
  );
  expect(redactor([secrets])(text)).toBe(expected);
});

test("what is not secret stays", () => {
  expect(redactor([{ a: "swordfish", b: new Secret(12345) }])("swordfish 12345")).toBe("swordfish 12345");
});
