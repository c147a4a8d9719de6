import { access } from "node:fs/promises";

/** Whether something is at this path, and may be looked at. */
export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
