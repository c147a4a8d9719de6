import { randomBytes } from "node:crypto";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findMarks } from "../../../../providers/berth/template/findMarks.js";
import {
  type Identifiers,
  inForm,
  patterns,
  replacements,
} from "../../../../providers/berth/template/marks.js";
import { findRegisterMarks } from "../../../../providers/berth/template/registerMarks.js";
import { templateMac } from "../../../../providers/berth/template/templateMac.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-marks-"));
});
afterEach(() => rm(folder, { recursive: true }));

const ids = (): Required<Identifiers> => {
  const uuid = () => crypto.randomUUID();
  return {
    system: uuid(),
    machine: uuid(),
    boot: uuid(),
    journal: uuid(),
    engine: `ENGINE:${randomBytes(26).toString("hex")}`,
    mac: templateMac(),
  };
};

test("the firmware's order of a UUID's bytes is that of the SMBIOS specification", () => {
  const bytes = inForm("00112233-4455-6677-8899-aabbccddeeff", "smbios");
  expect(bytes.toString("hex")).toBe("33221100554477668899aabbccddeeff");
});

test("every identifier in every form is found wherever it lies, and replaced; all else stays", async () => {
  const path = join(folder, "memory");
  const places = fc.array(fc.record({ gap: fc.nat(5000), which: fc.nat(30) }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(places, fc.nat(1000), async (list, from) => {
      const [template, fork] = [ids(), ids()];
      const kinds = patterns(template);
      const written = list.map(({ gap, which }) => ({
        gap: Buffer.alloc(gap, 7),
        ...kinds[which % kinds.length]!,
      }));
      await writeFile(
        path,
        Buffer.concat([Buffer.alloc(from), ...written.flatMap(({ gap, bytes }) => [gap, bytes])]),
      );
      const file = await open(path, "r+");
      try {
        const marks = await findMarks(file, from, template, new AbortController().signal);
        for (const { at, bytes } of replacements(marks, fork)) await file.write(bytes, 0, bytes.length, at);
      } finally {
        await file.close();
      }
      const expected = written.flatMap(({ gap, of, form }) => [gap, inForm(fork[of], form)]);
      expect((await readFile(path)).equals(Buffer.concat([Buffer.alloc(from), ...expected]))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("what all forms of a UUID share is no part of one where it is whole in another", async () => {
  const path = join(folder, "memory");
  // With its third group's bytes alike, more than the last half of both orders of its bytes is the same.
  const template = { ...ids(), boot: "165f856e-7a0a-4b4b-aa17-0afb0f4998e6" };
  const fork = ids();
  await writeFile(path, inForm(template.boot, "bytes"));
  const file = await open(path, "r+");
  const marks = await findMarks(file, 0, template, new AbortController().signal);
  for (const { at, bytes } of replacements(marks, fork)) await file.write(bytes, 0, bytes.length, at);
  await file.close();
  expect((await readFile(path)).toString("hex")).toBe(fork.boot.replaceAll("-", ""));
});

test("one that lies across two reads is found once", async () => {
  const path = join(folder, "memory");
  const template = ids();
  const boundary = 32 * 1024 * 1024;
  for (const shift of [0, 1, 18, 35, 36]) {
    const bytes = Buffer.alloc(boundary + 100);
    bytes.write(template.boot, boundary - shift);
    await writeFile(path, bytes);
    const file = await open(path);
    const marks = await findMarks(file, 0, template, new AbortController().signal);
    await file.close();
    expect(marks).toEqual([{ of: "boot", form: "text", from: 0, to: 36, at: [boundary - shift] }]);
  }
});

test.each([
  { name: "any", own: {} },
  // Next to a page's end this one goes on as the head of the next page begins, and before one as it ends.
  { name: "one that looks like a page's head", own: { boot: "a128b2c3-d428-e528-00aa-00bb00cc00dd" } },
])("one that begins at a page's end is found in both pages: $name", async ({ own }) => {
  const path = join(folder, "memory");
  // Of a part that two forms of a UUID share nothing can tell which it was: these have letters in both halves, and no two bytes alike.
  const template = {
    system: "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    machine: "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
    boot: "1ee9aa1b-6510-4105-92b9-7171bb2f3089",
    journal: "5b0c8e27-d95a-4f6e-8d13-6ac94e7f3b08",
    engine: `ENGINE:${randomBytes(26).toString("hex")}`,
    mac: "52:54:00:c7:9e:1b",
    ...own,
  };
  const fork = ids();
  const cases = patterns(template).flatMap((pattern) =>
    Array.from({ length: pattern.bytes.length - 1 }, (_, index) => ({ ...pattern, split: index + 1 })),
  );
  // In each case it goes on in the next page, then its two parts lie in pages apart.
  const pages = cases.flatMap(({ bytes, split }) => [
    page({ last: bytes.subarray(0, split) }),
    page({ first: bytes.subarray(split) }),
    page({}),
    page({ first: bytes.subarray(split) }),
    page({ last: bytes.subarray(0, split) }),
    page({}),
  ]);
  const memory = Buffer.concat(pages.flatMap((content, index) => [pageHead(index), content]));
  await writeFile(path, Buffer.concat([memory, pageHead(pages.length)]));
  const file = await open(path, "r+");
  const marks = await findMarks(file, 0, template, new AbortController().signal);
  for (const { at, bytes } of replacements(marks, fork)) await file.write(bytes, 0, bytes.length, at);
  await file.close();

  const after = await readFile(path);
  for (const [index, { of, form, bytes, split, whole }] of cases.entries()) {
    const own = inForm(fork[of], form);
    const end = 6 * index * 4104 + 4104;
    const joined = [
      after.subarray(end - split, end),
      after.subarray(end + 8, end + 8 + bytes.length - split),
    ];
    expect(Buffer.concat(joined).equals(own), `${of} as ${form}, split at ${split}`).toBe(true);
    if (whole) continue;
    // Where the pages lie apart, the longer part goes, and what is left of the shorter one identifies nothing.
    const isFirst = split >= bytes.length / 2;
    const at = isFirst ? end + 4 * 4104 - split : end + 2 * 4104 + 8;
    const part = isFirst ? own.subarray(0, split) : own.subarray(split);
    expect(after.subarray(at, at + part.length).equals(part), `${of} as ${form}, apart at ${split}`).toBe(
      true,
    );
  }
  for (let index = 0; index <= pages.length; index++) {
    const at = index * 4104;
    expect(after.subarray(at, at + 8).equals(pageHead(index)), `the head of page ${index}`).toBe(true);
  }
});

function page({ first = Buffer.of(), last = Buffer.of() }: { first?: Buffer; last?: Buffer }): Buffer {
  return Buffer.concat([first, Buffer.alloc(4096 - first.length - last.length, 7), last]);
}

/** What stands before a page in a saved file. */
function pageHead(page: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(page * 4096 + 0x28));
  return bytes;
}

test("what only begins or ends like an address of a network interface is none", async () => {
  const path = join(folder, "memory");
  const template = ids();
  const bytes = inForm(template.mac, "bytes");
  const text = Buffer.from(template.mac);
  await writeFile(
    path,
    Buffer.concat([bytes.subarray(0, 5), Buffer.of(0), bytes.subarray(1), text.subarray(0, 15)]),
  );
  const file = await open(path);
  const marks = await findMarks(file, 0, template, new AbortController().signal);
  await file.close();
  expect(marks).toEqual([]);
});

test("a template's address of its network interface differs in upper and lower case", () => {
  for (let count = 0; count < 1000; count++) {
    const mac = templateMac();
    expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(mac.toUpperCase()).not.toBe(mac);
  }
});

test("pieces in a processor's registers, which are saved the other way round, are replaced; all else stays", async () => {
  const path = join(folder, "memory");
  const piece = fc.record({ which: fc.nat(100), start: fc.nat(100), gap: fc.integer({ min: 1, max: 20 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), fc.nat(1000), async (list, from) => {
      const [template, fork] = [ids(), ids()];
      const pieces = patterns(template)
        .filter(({ whole }) => !whole)
        .flatMap(({ of, form, bytes }) =>
          Array.from({ length: bytes.length - 7 }, (_, first) => ({
            old: bytes.subarray(first, first + 8),
            own: inForm(fork[of], form).subarray(first, first + 8),
          })),
        );
      // A byte next to a piece that goes on like the identifier would make another piece with it.
      const used = new Set(pieces.flatMap(({ old }) => [...old]));
      const filler = Array.from({ length: 256 }, (_, byte) => byte).find((byte) => !used.has(byte))!;
      const written = list.map(({ which, start, gap }) => ({
        gap: Buffer.alloc(gap, filler),
        ...pieces[(which * 101 + start) % pieces.length]!,
      }));
      const saved = Buffer.concat([
        Buffer.alloc(from, filler),
        ...written.flatMap(({ gap, old }) => [gap, Buffer.from(old).reverse()]),
      ]);
      await writeFile(path, saved);
      const file = await open(path, "r+");
      const marks = await findRegisterMarks(file, Math.min(from, 900), template);
      for (const { at, bytes } of replacements(marks, fork)) await file.write(bytes, 0, bytes.length, at);
      await file.close();

      const after = await readFile(path);
      let at = from;
      for (const { gap, old } of written) {
        expect(after.subarray(at, at + gap.length).equals(gap)).toBe(true);
        at += gap.length;
        const register = Buffer.from(after.subarray(at, at + 8)).reverse();
        // Eight digits are the same in lower case as in upper, and nothing tells which it was.
        const candidates = pieces
          .filter((one) => one.old.equals(old))
          .map(({ own }) => own.toString("latin1"));
        expect(candidates).toContain(register.toString("latin1"));
        at += 8;
      }
      expect([at, after.subarray(0, from).equals(Buffer.alloc(from, filler))]).toEqual([after.length, true]);
    }),
    { numRuns: 30 },
  );
});

test("of a large file, registers are looked for at its end", async () => {
  const path = join(folder, "memory");
  const template = ids();
  const register = inForm(template.machine, "bytes").subarray(8).reverse();
  const bytes = Buffer.alloc(5 * 1024 * 1024);
  register.copy(bytes, bytes.length - 8);
  register.copy(bytes, 0);
  await writeFile(path, bytes);
  const file = await open(path);
  const marks = await findRegisterMarks(file, 0, template);
  await file.close();
  expect(marks).toEqual([
    { of: "machine", form: "bytes", from: 8, to: 16, at: [bytes.length - 8], inRegister: true },
  ]);
});

test("a fork without an identifier that its template has is refused", () => {
  const { engine: _, ...fork } = ids();
  expect(() => [...replacements([{ of: "engine", form: "text", from: 0, to: 9, at: [1] }], fork)]).toThrow(
    '"engine"',
  );
});
