import { z } from "zod";
import { show } from "./issues.js";

/** An image as people write it: the name of one that the stack builds, or a reference by digest. */
export function imageSource() {
  return z.union([z.string(), z.strictObject({ ref: z.string() })], {
    error: ({ input }) =>
      `${show(input)} is not an image; write a name from berth:containerImages, or {ref: "name@sha256:…"}.`,
  });
}
