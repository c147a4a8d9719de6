import type { Issues } from "./issues.js";
import type { Item } from "./readSection.js";
import { defined } from "./references.js";
import type { BaseImageSpec } from "./topology.js";

export function resolveImages(items: readonly Item<"images">[], issues: Issues): BaseImageSpec[] {
  return items.map((item) => resolve(item, issues));
}

function resolve({ name, at, value }: Item<"images">, issues: Issues): BaseImageSpec {
  const { manifest, disk = "", sha256 = "", ...boot } = value;
  if (manifest !== undefined) {
    for (const key of Object.keys(value)) {
      if (key !== "manifest")
        issues.add([...at, key], `the manifest says it already; remove it, or "manifest".`);
    }
    return { name, kind: "manifest", manifest };
  }
  if (value.disk === undefined) {
    issues.add(
      [...at, "disk"],
      `missing; give the path or https: URL of a qcow2 or raw disk, or "manifest" instead.`,
    );
  } else if (value.sha256 === undefined) {
    issues.add([...at, "sha256"], `missing; give what sha256sum prints for ${disk}.`);
  }
  for (const file of ["kernel", "initrd"] as const) {
    if (boot[file] !== undefined && boot[`${file}Sha256`] === undefined) {
      issues.add([...at, `${file}Sha256`], `missing; give what sha256sum prints for ${boot[file]}.`);
    }
  }
  for (const key of ["initrd", "cmdline"] as const) {
    if (boot[key] !== undefined && boot.kernel === undefined) {
      issues.add([...at, key], `means nothing without "kernel"; add the kernel, or remove it.`);
    }
  }
  return { name, kind: "disk", disk, sha256, ...defined(boot) };
}
