import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Call, ResourceHandler } from "../kit/index.js";
import { fileDigest } from "./fileDigest.js";
import { asQcow2 } from "./image/asQcow2.js";
import { fetchImage } from "./image/fetchImage.js";
import { Mistakes } from "./mistakes.js";

export interface ImageFileInputs {
  readonly path: string;
  readonly sha256: string;
  /** A disk of machines: qcow2, or raw and made qcow2. */
  readonly disk?: boolean;
}

export interface ImageFileState {
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
  /** Modification time in milliseconds: with `size`, what tells whether the digest has to be computed again. */
  readonly modified: number;
}

/** A local file whose content has the digest that was asked for. Nothing is made, so deleting it does nothing. */
export const imageFile: ResourceHandler<ImageFileInputs, ImageFileState, unknown> = {
  replaceOn: ["sha256"],
  computed: ["file", "size", "modified"],
  unstable: ["file", "size", "modified"],
  timeouts: { create: 30 * 60_000, update: 30 * 60_000, read: 30 * 60_000 },

  check(inputs) {
    const mistakes = new Mistakes();
    if (
      mistakes.text("path", inputs.path, "a file's path, or its URL") &&
      /^(?!https:|file:)\w+:\/\//.test(inputs.path)
    ) {
      mistakes.add("path", `is ${inputs.path}; an image is fetched by https: only, or give a file's path`);
    }
    const digest: unknown = inputs.sha256;
    if (
      mistakes.text("sha256", digest, "a SHA-256: 64 hexadecimal digits") &&
      !/^[0-9a-f]{64}$/i.test(digest)
    ) {
      mistakes.add("sha256", `is not a SHA-256 of 64 hexadecimal digits but "${digest}"`);
    }
    const sha256 = typeof digest === "string" ? digest.toLowerCase() : inputs.sha256;
    return { inputs: { ...inputs, sha256 }, failures: mistakes.failures };
  },

  async create(inputs, call) {
    return { id: `sha256:${inputs.sha256}`, state: await verify(inputs, undefined, call) };
  },

  async read(id, state, inputs, call) {
    if (!state || !inputs) {
      throw new Error(
        `image file ${id}: a file is checked, not imported. Declare it with its path and sha256.`,
      );
    }
    // What was fetched or made has its content in its name, and may be removed to make room.
    if (isMade(inputs, state)) return { id, state, inputs };
    const found = await stat(state.file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw cannotRead(state.file, error);
    });
    if (!found?.isFile()) return undefined;
    const { sha256, size, modified } = await digestOf(state.file, found, state, call);
    return { id, state: { file: state.file, sha256, size, modified }, inputs: { ...inputs, sha256 } };
  },

  async update({ inputs, state }, call) {
    return verify(inputs, state, call);
  },

  async delete() {},
};

async function verify(
  { path, sha256: expected, disk }: ImageFileInputs,
  known: ImageFileState | undefined,
  call: Call<unknown>,
): Promise<ImageFileState> {
  if (path.startsWith("https:")) {
    const fetched = await fetchImage(path, expected, call);
    return stateOf(disk ? await asQcow2(fetched, expected, call.signal) : fetched, expected);
  }
  const file = path.startsWith("file:") ? fileURLToPath(path) : resolve(path);
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw cannotRead(file, error);
  });
  if (!found.isFile()) {
    const kind = found.isDirectory() ? "a folder" : "not a regular file";
    throw new Error(`image file ${file} is ${kind}. Give the path of the image itself.`);
  }
  const state = await digestOf(file, found, known, call);
  if (state.sha256 !== expected) {
    throw new Error(
      `image file ${file} has the wrong content (${state.size} bytes).\n` +
        `  expected sha256 ${expected}\n  found    sha256 ${state.sha256}\n` +
        `Fetch or build the file again, or set "sha256" to the digest of the image that is meant.`,
    );
  }
  const qcow2 = disk ? await asQcow2(file, expected, call.signal) : file;
  return qcow2 === file ? state : stateOf(qcow2, expected);
}

async function stateOf(file: string, sha256: string): Promise<ImageFileState> {
  const { size, mtimeMs } = await stat(file);
  return { file: resolve(file), sha256, size, modified: Math.floor(mtimeMs) };
}

function isMade({ path }: ImageFileInputs, { file, sha256 }: ImageFileState): boolean {
  return path.startsWith("https:") || file.endsWith(`/${sha256}.qcow2`);
}

/** The file's digest; the known one where neither size nor modification time has changed since. */
async function digestOf(
  file: string,
  found: { readonly size: number; readonly mtimeMs: number },
  known: ImageFileState | undefined,
  call: Call<unknown>,
): Promise<ImageFileState> {
  const modified = Math.floor(found.mtimeMs);
  if (known?.file === file && known.size === found.size && known.modified === modified) return known;
  const total = mebibytes(found.size);
  const sha256 = await fileDigest(file, call.signal, (bytes) =>
    call.status(`checking ${file}: ${mebibytes(bytes)} of ${total} MiB`),
  ).catch((error: NodeJS.ErrnoException) => {
    throw call.signal.aborted ? call.signal.reason : cannotRead(file, error);
  });
  return { file, sha256, size: found.size, modified };
}

function cannotRead(file: string, error: NodeJS.ErrnoException): Error {
  const options = { cause: error };
  if (error.code === "ENOENT" || error.code === "ENOTDIR") {
    return new Error(
      `image file ${file} does not exist. Correct "path" (a relative one starts at the program's folder), or put the image there.`,
      options,
    );
  }
  if (error.code === "EACCES" || error.code === "EPERM") {
    return new Error(
      `image file ${file} cannot be read by the present user. Give it and its folders read permission.`,
      options,
    );
  }
  return new Error(`image file ${file} cannot be read: ${error.message}`, options);
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / (1 << 20));
}
