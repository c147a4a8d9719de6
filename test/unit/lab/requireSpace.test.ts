import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { requireSpace } from "../../../lab/requireSpace.js";

test("a file system with less space than that is named, with what is free and what it takes", async () => {
  const { blocks, bsize } = await statfs(tmpdir());
  const more = (blocks + 1) * bsize;
  await expect(requireSpace(tmpdir(), more, "making a thing")).rejects.toThrow(
    new RegExp(
      `^No space for making a thing: ${tmpdir()} has \\d+ MiB free, and it takes \\d+ MiB\\. Make room`,
    ),
  );
});

test("enough is enough", async () => {
  await requireSpace(tmpdir(), 1, "making a thing");
});
