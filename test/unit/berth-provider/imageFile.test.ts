import { createHash } from "node:crypto";
import { mkdtemp, rm, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageFile } from "../../../providers/berth/imageFile.js";
import { unknown } from "../../../providers/kit/index.js";
import { testCall } from "./support/testCall.js";

const call = testCall();
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const none = "0".repeat(64);

describe("an image file", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "berth-image-"));
    path = join(folder, "disk.qcow2");
    await writeFile(path, "an image");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const inputs = () => ({ path, sha256: sha256("an image") });
  const create = () => imageFile.create(inputs(), call);

  it("is found by a relative path, and known by its absolute one", async () => {
    const { state } = await imageFile.create({ ...inputs(), path: relative(process.cwd(), path) }, call);
    expect(state).toMatchObject({ file: path, sha256: sha256("an image"), size: 8 });
  });

  it("with other content is refused, with both digests", async () => {
    await expect(imageFile.create({ path, sha256: none }, call)).rejects.toThrow(
      `image file ${path} has the wrong content (8 bytes).\n  expected sha256 ${none}\n` +
        `  found    sha256 ${sha256("an image")}\n` +
        'Fetch or build the file again, or set "sha256" to the digest of the image that is meant.',
    );
  });

  it("that is missing is named", async () => {
    await expect(imageFile.create({ ...inputs(), path: `${path}.gz` }, call)).rejects.toThrow(
      `image file ${path}.gz does not exist. Correct "path" (a relative one starts at the program's folder), or put the image there.`,
    );
  });

  it("is no folder", async () => {
    await expect(imageFile.create({ ...inputs(), path: folder }, call)).rejects.toThrow(
      `image file ${folder} is a folder. Give the path of the image itself.`,
    );
  });

  it("has not drifted while it stays as it is", async () => {
    const { id, state } = await create();
    expect(await imageFile.read?.(id, state, inputs(), call)).toEqual({ id, state, inputs: inputs() });
  });

  it("is not read again while its size and time stay", async () => {
    const { id, state } = await create();
    const marked = { ...state, sha256: none };
    expect((await imageFile.read?.(id, marked, inputs(), call))?.state.sha256).toBe(none);
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    expect((await imageFile.read?.(id, marked, inputs(), call))?.state.sha256).toBe(sha256("an image"));
  });

  it("that was changed is drift in its digest", async () => {
    const { id, state } = await create();
    await writeFile(path, "another image");
    const live = await imageFile.read?.(id, state, inputs(), call);
    expect(live?.inputs).toEqual({ path, sha256: sha256("another image") });
  });

  it("that has gone is gone", async () => {
    const { id, state } = await create();
    await unlink(path);
    expect(await imageFile.read?.(id, state, inputs(), call)).toBeUndefined();
  });

  it("may move, but not change, in place", async () => {
    const { id, state } = await create();
    const moved = join(folder, "moved.qcow2");
    const request = { id, state, oldInputs: inputs(), inputs: { ...inputs(), path: moved } };
    await writeFile(moved, "an image");
    expect(await imageFile.update?.(request, call)).toMatchObject({ file: moved, sha256: state.sha256 });
    await writeFile(moved, "other content");
    await expect(imageFile.update?.(request, call)).rejects.toThrow(
      `image file ${moved} has the wrong content`,
    );
    expect(imageFile.replaceOn).toEqual(["sha256"]);
  });

  it("stops being read when the call ends", async () => {
    const reason = new Error("create was cancelled");
    await expect(imageFile.create(inputs(), testCall(AbortSignal.abort(reason)))).rejects.toBe(reason);
  });

  it("needs a path and a digest, which it writes in small letters", async () => {
    const check = async (given: object) => imageFile.check?.(given as never, undefined, call);
    expect((await check({ path: "", sha256: "abc" }))?.failures).toEqual([
      { property: "path", reason: "is empty; expected a file's path, or its URL" },
      { property: "sha256", reason: 'is not a SHA-256 of 64 hexadecimal digits but "abc"' },
    ]);
    expect((await check({ path, sha256: "AB".repeat(32) }))?.inputs.sha256).toBe("ab".repeat(32));
    expect((await check({ path: unknown, sha256: unknown }))?.failures).toEqual([]);
  });
});
