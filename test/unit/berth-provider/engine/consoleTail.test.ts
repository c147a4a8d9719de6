import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { consoleTail } from "../../../../providers/berth/engine/consoleTail.js";

describe("a console's end", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "berth-console-"));
    file = join(folder, "web-1.log");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is its last lines, without the terminal's codes", async () => {
    await writeFile(
      file,
      `${"early\r\n".repeat(9000)}[\u001b[0;1;31mFAILED\u001b[0m] Failed to start ssh\r\n\u0007last\r\n\r\n`,
    );
    expect(await consoleTail(file, 3)).toBe(
      "\nIts console ends with:\n  | early\n  | [FAILED] Failed to start ssh\n  | last",
    );
  });

  it("says where there is nothing to see", async () => {
    expect(await consoleTail(undefined)).toBe("");
    expect(await consoleTail(file)).toContain(`Its console (${file}) could not be read: ENOENT`);
    await writeFile(file, "");
    expect(await consoleTail(file)).toBe(`\nIts console (${file}) is empty.`);
  });
});
