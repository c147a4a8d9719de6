import type { FileHandle } from "node:fs/promises";
import { type Identifiers, type Mark, type Pattern, patterns } from "./marks.js";

const chunkBytes = 32 * 1024 * 1024;
const pageBytes = 4096;
/** What lies between two pages in a saved file: the address of the second one, with flags in its lowest bits. */
const headBytes = 8;
/** How far around a find one has to see: the page that it lies in, with the heads before and behind. */
const margin = 2 * pageBytes;

/**
 * Finds all of a machine's identifiers in a saved file, from an offset on: one pass. One that begins at the end of a page goes on
 * in another page, which follows it or lies anywhere; at least half of it is in one of the two, and is found there.
 */
export async function findMarks(
  file: FileHandle,
  from: number,
  ids: Identifiers,
  signal: AbortSignal,
): Promise<Mark[]> {
  const wanted = patterns(ids).map((pattern) => ({ ...pattern, found: new Map<string, Part>() }));
  const buffer = Buffer.alloc(chunkBytes + 2 * margin);
  let [start, filled, atEnd] = [from, 0, false];
  // What begins before `done` was looked at with an earlier chunk.
  let done = from;
  while (!atEnd) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, start + filled);
    filled += bytesRead;
    atEnd = filled < buffer.length;
    const chunk = buffer.subarray(0, filled);
    const until = atEnd ? filled : filled - margin;
    for (const { found, ...pattern } of wanted) {
      for (const part of parts(chunk, pattern, done - start, until)) {
        const place = { ...part, at: part.at + start };
        found.set(`${place.at} ${place.from}`, place);
      }
    }
    done = start + until;
    const keep = Math.min(filled, 2 * margin);
    chunk.copy(buffer, 0, filled - keep);
    start += filled - keep;
    filled = keep;
  }
  const all = wanted.flatMap(({ of, form, found }) =>
    [...found.values()].map((part) => ({ ...part, of, form })),
  );
  // A UUID's forms share parts: what belongs to more of one form is no part of another.
  const taken = new Set<number>();
  const own = new Map<
    string,
    { of: Mark["of"]; form: Mark["form"]; from: number; to: number; at: number[] }
  >();
  for (const { of, form, from, to, at } of all.sort((a, b) => b.known - a.known)) {
    const covered = Array.from({ length: to - from }, (_, index) => at + index);
    if (covered.some((position) => taken.has(position))) continue;
    for (const position of covered) taken.add(position);
    const key = `${of} ${form} ${from} ${to}`;
    const mark = own.get(key) ?? { of, form, from, to, at: [] };
    mark.at.push(at);
    own.set(key, mark);
  }
  return [...own.values()];
}

/** A part of an identifier, and where it lies. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  /** How many of the identifier's bytes lie there and in the page before or behind. */
  readonly known: number;
}

/** Whole ones, and those of which the first or the last half is there, as far as they go on in their page; begun in [low, high). */
function* parts(
  chunk: Buffer,
  { bytes, whole }: Pick<Pattern, "bytes" | "whole">,
  low: number,
  high: number,
): Generator<Part> {
  const half = Math.ceil(bytes.length / 2);
  for (const at of occurrences(chunk, bytes.subarray(0, half), low, high)) {
    let to = 1;
    while (to < bytes.length && chunk[at + to] === bytes[to] && !isBoundary(chunk, at + to)) to++;
    if (to < half) continue;
    const next = at + to + headBytes;
    const rest = bytes.subarray(to);
    const goesOn =
      rest.length > 0 && isPageEnd(chunk, at + to) && chunk.subarray(next, next + rest.length).equals(rest);
    const known = goesOn ? bytes.length : to;
    if (whole && known < bytes.length) continue;
    yield { from: 0, to, at, known };
    if (goesOn) yield { from: to, to: bytes.length, at: next, known };
  }
  for (const end of occurrences(chunk, bytes.subarray(bytes.length - half), low, high)) {
    let [from, at] = [bytes.length - 1, end + half - 1];
    while (from > 0 && at > 0 && chunk[at - 1] === bytes[from - 1] && !isBoundary(chunk, at)) {
      [from, at] = [from - 1, at - 1];
    }
    if (from === 0 || from > bytes.length - half) continue;
    const before = at - headBytes - from;
    const began =
      isPageStart(chunk, at) && chunk.subarray(before, before + from).equals(bytes.subarray(0, from));
    const known = began ? bytes.length : bytes.length - from;
    if (whole && known < bytes.length) continue;
    yield { from, to: bytes.length, at, known };
    if (began) yield { from: 0, to: from, at: before, known };
  }
}

/** A head's bytes may happen to be those with which the identifier begins or goes on: they are a page's address, and stay. */
function isBoundary(chunk: Buffer, at: number): boolean {
  return isPageEnd(chunk, at) || isPageStart(chunk, at);
}

function isPageEnd(chunk: Buffer, at: number): boolean {
  return isHead(chunk, at) && isHead(chunk, at - pageBytes - headBytes);
}

function isPageStart(chunk: Buffer, at: number): boolean {
  return isHead(chunk, at - headBytes) && isHead(chunk, at + pageBytes);
}

/**
 * Whether what lies there could be a head. Addresses have less than 48 bits; the flags are those of QEMU's migration/ram.c: page of
 * zeros 0x02, page 0x08, end 0x10, in the same block 0x20.
 */
function isHead(chunk: Buffer, at: number): boolean {
  if (at < 0 || at + headBytes > chunk.length || chunk.readUInt16BE(at) !== 0) return false;
  const flags = chunk.readUInt16BE(at + headBytes - 2) % pageBytes;
  return flags !== 0 && (flags & ~0x3a) === 0;
}

function* occurrences(chunk: Buffer, bytes: Buffer, low: number, high: number): Generator<number> {
  for (let at = chunk.indexOf(bytes, low); at >= 0 && at < high; at = chunk.indexOf(bytes, at + 1)) yield at;
}
