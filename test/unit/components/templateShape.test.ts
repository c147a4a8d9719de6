import fc from "fast-check";
import { expect, test } from "vitest";
import { addedWords } from "../../../components/machineTemplate.js";
import { mebibytes } from "../../../components/quantity.js";
import { templateShape } from "../../../components/templateShape.js";

const mib = (count: number) => `${count}MiB`;
const shapes = fc
  .tuple(fc.integer({ min: 1, max: 64 }), fc.nat(64), fc.integer({ min: 512, max: 2 ** 18 }), fc.nat(2 ** 20))
  .map(([cpus, moreCpus, memory, moreMemory]) => ({
    cpus,
    maxCpus: cpus + moreCpus,
    memory: mib(memory),
    maxMemory: mib(memory + moreMemory),
  }));
const shape = (cpus: number, memory: string, maxCpus = cpus, maxMemory = memory) => ({
  cpus,
  memory,
  maxCpus,
  maxMemory,
});

test("a template has its machine's room, nothing that the machine has not, and steps of 128 MiB less", () => {
  fc.assert(
    fc.property(shapes, (own) => {
      const { cpus, memory, maxCpus, maxMemory } = templateShape(own);
      expect([maxCpus, maxMemory]).toEqual([own.maxCpus, own.maxMemory]);
      expect(cpus).toBeLessThanOrEqual(own.cpus);
      const less = mebibytes(own.memory) - mebibytes(memory);
      expect(less).toBeGreaterThanOrEqual(0);
      expect(less % 128).toBe(0);
      // The tables for all that may be added take no more than a quarter of it.
      if (less > 0) expect(mebibytes(maxMemory) / 64).toBeLessThanOrEqual(mebibytes(memory) / 4);
    }),
  );
});

test("a template's own shape is forked from itself", () => {
  fc.assert(
    fc.property(shapes, (own) => {
      const template = templateShape(own);
      const again = templateShape(template);
      expect([again.cpus, mebibytes(again.memory)]).toEqual([template.cpus, mebibytes(template.memory)]);
    }),
  );
});

test.each([
  ["no room: its own", shape(4, "8GiB"), shape(4, "8GiB")],
  ["room for processors", shape(2, "3GiB", 4), shape(1, "3GiB", 4)],
  ["room for memory", shape(2, "3GiB", 2, "16GiB"), shape(2, "1024MiB", 2, "16GiB")],
  ["much room, and little memory", shape(1, "4GiB", 8, "100GiB"), shape(1, "4GiB", 8, "100GiB")],
  ["much room, and much memory", shape(1, "16GiB", 8, "100GiB"), shape(1, "8192MiB", 8, "100GiB")],
  ["less than the smallest", shape(1, "512MiB", 1, "4GiB"), shape(1, "512MiB", 1, "4GiB")],
  ["what is no step more", shape(1, "1100MiB", 1, "4GiB"), shape(1, "1100MiB", 1, "4GiB")],
])("%s", (_, own, template) => {
  expect(templateShape(own)).toEqual(template);
});

test("what is added is said in words", () => {
  const from = shape(1, "1GiB", 4, "4GiB");
  expect(addedWords(from, from)).toBe("");
  expect(addedWords(from, { ...from, cpus: 2 })).toBe("1 processor");
  expect(addedWords(from, { ...from, memory: "1536MiB" })).toBe("512 MiB");
  expect(addedWords(from, { ...from, cpus: 3, memory: "2GiB" })).toBe("2 processors and 1024 MiB");
});
