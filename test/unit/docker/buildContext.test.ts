import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { extract } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  contextArchive,
  contextDigest,
  dockerfileName,
  openBuildContext,
} from "../../../providers/docker/image/buildContext.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-context-"));
  mkdirSync(join(folder, "app/src"), { recursive: true });
  write("app/Dockerfile", "FROM scratch\n");
  write("app/src/index.html", "hello");
  write("app/src/noise.log", "noise");
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
const open = (dockerfile?: string) =>
  openBuildContext(join(folder, "app"), dockerfile === undefined ? undefined : join(folder, dockerfile));

async function archived(dockerfile?: string): Promise<string[]> {
  const names: string[] = [];
  const tar = extract();
  const done = new Promise<void>((resolve, reject) => tar.on("finish", resolve).on("error", reject));
  tar.on("entry", (header, stream, next) => {
    names.push(header.name);
    stream.on("end", next).resume();
  });
  contextArchive(open(dockerfile)).pipe(tar);
  await done;
  return names;
}

describe("contextDigest", () => {
  it("is the same for the same content, whenever it was written", async () => {
    const before = await contextDigest(open());
    utimesSync(join(folder, "app/src/index.html"), 1, 1);
    expect(await contextDigest(open())).toBe(before);
  });

  it.each<[string, () => void]>([
    ["a file's content", () => write("app/src/index.html", "hullo")],
    ["a file's mode", () => chmodSync(join(folder, "app/src/index.html"), 0o755)],
    ["a new file", () => write("app/src/new.html", "")],
    ["a file's name", () => symlinkSync("index.html", join(folder, "app/src/link"))],
    ["a file that went", () => rmSync(join(folder, "app/src/noise.log"))],
    ["the Dockerfile", () => write("app/Dockerfile", "FROM debian\n")],
  ])("changes with %s", async (_, change) => {
    const before = await contextDigest(open());
    change();
    expect(await contextDigest(open())).not.toBe(before);
  });

  it("does not change with what .dockerignore leaves out", async () => {
    write("app/.dockerignore", "**/*.log\n");
    const before = await contextDigest(open());
    write("app/src/noise.log", "other noise");
    expect(await contextDigest(open())).toBe(before);
  });

  it("changes with a Dockerfile outside the context", async () => {
    write("Other.Dockerfile", "FROM scratch\n");
    const before = await contextDigest(open("Other.Dockerfile"));
    write("Other.Dockerfile", "FROM debian\n");
    expect(await contextDigest(open("Other.Dockerfile"))).not.toBe(before);
  });
});

describe("contextArchive", () => {
  it("holds what .dockerignore lets through, in one order", async () => {
    write("app/.dockerignore", "**/*.log\n");
    expect(await archived()).toEqual([".dockerignore", "Dockerfile", "src", "src/index.html"]);
  });

  it("holds the Dockerfile in any case, but not what a context leaves out beside it", async () => {
    write("app/.dockerignore", "*\n!src/index.html\n");
    expect(await archived()).toEqual(["src/index.html", "Dockerfile"]);
    write("Other.Dockerfile", "FROM scratch\n");
    expect(dockerfileName(open("Other.Dockerfile"))).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/);
    expect(await archived("Other.Dockerfile")).toContain(dockerfileName(open("Other.Dockerfile")));
  });

  it("takes a .dockerignore of the Dockerfile's own before the context's", async () => {
    write("app/.dockerignore", "src\n");
    write("app/Dockerfile.dockerignore", "**/*.log\n");
    expect(await archived()).toContain("src/index.html");
  });
});

describe("openBuildContext", () => {
  it.each([
    ["/no/such/folder", undefined, 'the build context "/no/such/folder" does not exist'],
    ["/etc/passwd", undefined, "is not a folder"],
    ["https://example.org/x.git", undefined, "is remote"],
    ["/etc", "/no/Dockerfile", 'the Dockerfile "/no/Dockerfile" does not exist'],
  ])("names what is wrong with %s", (context, dockerfile, message) => {
    expect(() => openBuildContext(context, dockerfile)).toThrow(message);
  });
});
