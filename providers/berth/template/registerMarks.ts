import type { FileHandle } from "node:fs/promises";
import { type Identifiers, type Mark, patterns, registerBytes } from "./marks.js";

/** Devices and processors follow the memory: a few hundred KiB, and some 10 KiB for each processor. */
const stateBytes = 4 * 1024 * 1024;

/**
 * Finds pieces of a machine's identifiers in its processors' registers, in a saved file. A thread that copied one may be the last that
 * ran on its processor: then it goes on with these registers, whatever its memory says.
 */
export async function findRegisterMarks(
  file: FileHandle,
  from: number,
  ids: Identifiers,
): Promise<readonly Mark[]> {
  const { size } = await file.stat();
  const start = Math.max(from, size - stateBytes);
  const state = Buffer.alloc(size - start);
  await file.read(state, 0, state.length, start);
  const marks: Mark[] = [];
  // Forms of one identifier share pieces; whichever it was, the same bytes come in its place.
  const taken = new Set<number>();
  for (const { of, form, bytes, whole } of patterns(ids)) {
    if (whole) continue;
    for (let piece = 0; piece + registerBytes <= bytes.length; piece++) {
      const to = piece + registerBytes;
      const wanted = Buffer.from(bytes.subarray(piece, to)).reverse();
      const at: number[] = [];
      for (let found = state.indexOf(wanted); found >= 0; found = state.indexOf(wanted, found + 1)) {
        if (taken.has(found)) continue;
        taken.add(found);
        at.push(start + found);
      }
      if (at.length > 0) marks.push({ of, form, from: piece, to, at, inRegister: true });
    }
  }
  return marks;
}
