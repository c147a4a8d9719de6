import { open } from "node:fs/promises";
import { textBlock } from "../textBlock.js";

const tailBytes = 32 << 10;

/** The end of a guest's console log as a paragraph for a message; empty where there is none. Never throws. */
export async function consoleTail(file: string | undefined, lines = 20): Promise<string> {
  if (file === undefined) return "";
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const buffer = Buffer.alloc(Math.min(size, tailBytes));
      await handle.read(buffer, 0, buffer.length, size - buffer.length);
      const block = textBlock(buffer.toString("utf8"), lines);
      return block === "" ? `\nIts console (${file}) is empty.` : `\nIts console ends with:\n${block}`;
    } finally {
      await handle.close();
    }
  } catch (error) {
    return `\nIts console (${file}) could not be read: ${(error as Error).message}.`;
  }
}
