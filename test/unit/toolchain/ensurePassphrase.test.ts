import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensurePassphrase } from "../../../toolchain/ensurePassphrase.js";
import { tempFolder } from "./support/tempFolder.js";

test("the passphrase is written once, for its owner alone, also when several ask at once", async () => {
  const folder = tempFolder();
  const path = join(folder, "passphrase");
  await ensurePassphrase(path);
  const first = readFileSync(path, "utf8");
  await Promise.all([ensurePassphrase(path), ensurePassphrase(path)]);
  expect(readFileSync(path, "utf8")).toBe(first);
  expect(first.trim()).toMatch(/^[\w-]{43}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["passphrase"]);
});
