import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compile, isCompiled } from "../../../toolchain/compile.mjs";
import { tempFolder } from "./support/tempFolder.js";

const nodeModules = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** A project of one source file. */
function project() {
  const root = tempFolder();
  symlinkSync(nodeModules, join(root, "node_modules"));
  const options = {
    outDir: "dist",
    rootDir: ".",
    composite: true,
    types: [],
    target: "es2023",
    module: "nodenext",
  };
  writeFileSync(
    join(root, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["src/*.ts"] }),
  );
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module" }));
  mkdirSync(join(root, "src"));
  const source = join(root, "src/a.ts");
  writeFileSync(source, "export const a: number = 1;\n");
  const lines: string[] = [];
  return { root, source, lines, compile: () => compile(root, (line) => lines.push(line)) };
}

test("sources are compiled when they, or what was compiled, have changed, and not otherwise", async () => {
  const { root, source, lines, compile } = project();
  await Promise.all([compile(), compile()]); // Two processes that start at once.
  const output = join(root, "dist/src/a.js");
  expect(readFileSync(output, "utf8")).toContain("a = 1");
  await compile();
  expect(lines.length).toBeLessThanOrEqual(2);

  writeFileSync(source, "export const a: number = 22;\n");
  expect(isCompiled(root)).toBe(false);
  await compile();
  expect(readFileSync(output, "utf8")).toContain("a = 22");

  utimesSync(source, new Date(), new Date(Date.now() + 10_000));
  expect(isCompiled(root)).toBe(false);
  await compile();

  rmSync(join(root, "dist"), { recursive: true });
  await compile();
  expect(existsSync(output)).toBe(true);
}, 120_000);

test("a mistake in the sources is an error with its place, until it is mended", async () => {
  const { root, source, compile } = project();
  writeFileSync(source, 'export const a: number = "one";\n');
  await expect(compile()).rejects.toThrow(/does not compile:\nsrc\/a\.ts\(1,14\): error TS2322/);
  await expect(compile()).rejects.toThrow(/TS2322/);
  expect(isCompiled(root)).toBe(false);
  writeFileSync(source, "export const a: number = 1;\n");
  await compile();
  expect(isCompiled(root)).toBe(true);
}, 120_000);
