import { afterEach, beforeEach } from "vitest";

/** For a suite whose tests are the steps of one story: after one that failed, the others fail at once. */
export function inOrder(): void {
  let broken: string | undefined;
  beforeEach(() => {
    if (broken !== undefined) throw new Error(`not tried, as an earlier step failed: ${broken}`);
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") broken ??= task.name;
  });
}
