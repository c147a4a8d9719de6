import { type BaseImageArgs, imageFromManifest } from "@berth/components";
import type { BaseImageSpec } from "@berth/components/topology";

/** The files of a topology's images, by image. */
export function imageFiles(images: readonly BaseImageSpec[]): Record<string, BaseImageArgs> {
  return Object.fromEntries(
    images.map((image) => {
      if (image.kind === "manifest") return [image.name, imageFromManifest(image.manifest)];
      const { name, kind: _, ...files } = image;
      return [name, files];
    }),
  );
}
