import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type HaproxyHttpCheck,
  type HaproxyModel,
  renderHaproxy,
} from "../../../components/haproxy/index.js";
import { everything, modelWith, nastyText, plainModel } from "./models.js";
import { haproxyWords } from "./words.js";

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

/** The text, or undefined where the model is refused, which must be by a RangeError that names HAProxy. */
function rendered(model: HaproxyModel): string | undefined {
  try {
    return renderHaproxy(model);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    expect((error as RangeError).message).toMatch(/^HAProxy: /);
    return undefined;
  }
}

function words(text: string): string[][] {
  return lines(text).map(haproxyWords);
}

const harmless = nastyText
  .map((text) => text.replace(/\p{Cc}/gu, ""))
  .filter((text) => text.trim() !== "" && text !== "--");

test("no text of a model leaves its line, becomes two words, or changes on the way", () => {
  fc.assert(
    fc.property(fc.oneof(modelWith(nastyText), modelWith(harmless)), (model) => {
      const text = rendered(model);
      if (text === undefined) return;
      const [acl] = model.frontends[0]!.acls!;
      const { name, balance, cookie, servers } = model.backends[0]!;
      const check = model.backends[0]!.check as HaproxyHttpCheck;
      const [bind] = model.frontends[0]!.binds;
      const [auth, set] = model.frontends[0]!.requestRules as unknown as readonly [
        { readonly realm: string },
        { readonly header: string; readonly value: string },
      ];
      const found = words(text);
      const heads = found.map(([head]) => head);
      expect(heads.filter((head) => ["global", "defaults", "frontend", "backend"].includes(head!))).toEqual([
        "global",
        "defaults",
        "frontend",
        "backend",
      ]);
      const values = found
        .filter(([head, second]) => head === "acl" && second === acl!.name)
        .flatMap((line) => line.slice(line.indexOf("--", 2) + 1));
      expect(values).toEqual(acl!.values);
      expect(found).toContainEqual(["chroot", model.global.chroot]);
      expect(found).toContainEqual(["balance", balance[0]]);
      expect(found).toContainEqual(["use_backend", name, "if", acl!.name]);
      expect(found).toContainEqual([
        "http-check",
        "send",
        "meth",
        check.method,
        "uri",
        check.path,
        "ver",
        "HTTP/1.1",
        "hdr",
        "Host",
        check.host.replaceAll("%", "%%"),
      ]);
      expect(found).toContainEqual(["http-request", "auth", "realm", auth.realm, "unless", acl!.name]);
      expect(found).toContainEqual([
        "http-request",
        "set-header",
        set.header,
        set.value.replaceAll("%", "%%"),
      ]);
      expect(found).toContainEqual(["dynamic-cookie-key", cookie!.key]);
      const [crt] = bind!.tls!.certificates;
      expect(found).toContainEqual(["bind", "*:80", "ssl", "crt", crt, bind!.parameters![0]]);
      expect(found).toContainEqual(["server", servers[0]!.name, "192.0.2.11:80", servers[0]!.parameters![0]]);
    }),
    { numRuns: 2000 },
  );
});

test("every text without control characters can be written down", () => {
  fc.assert(
    fc.property(modelWith(harmless), (model) => {
      expect(rendered(model)).toBeDefined();
    }),
  );
});

test("names can be anything, and only those that HAProxy takes are written", () => {
  fc.assert(
    fc.property(nastyText, (name) => {
      const model = {
        ...plainModel,
        backends: [{ ...plainModel.backends[0]!, name }, plainModel.backends[0]!],
      };
      fc.pre(name !== "web");
      expect(rendered(model) !== undefined).toBe(/^[A-Za-z0-9_.:-]+$/.test(name));
    }),
  );
});

test("a raw line stays one line, and begins no section", () => {
  const rawLines = fc.oneof(
    nastyText,
    nastyText.map((text) => `backend ${text}`),
    nastyText.map((text) => `"global" ${text}`),
  );
  fc.assert(
    fc.property(rawLines, (raw) => {
      const text = rendered({ ...plainModel, global: { ...plainModel.global, raw: [raw] } });
      if (text === undefined) return;
      const more = lines(text).filter((line) => !lines(renderHaproxy(plainModel)).includes(line));
      expect(more.length).toBeLessThanOrEqual(1);
      expect(more.join("")).not.toMatch(/^\s*["']?(global|backend)\b/);
    }),
  );
});

test("the same model gives the same text", () => {
  expect(renderHaproxy(structuredClone(everything))).toBe(renderHaproxy(everything));
});
