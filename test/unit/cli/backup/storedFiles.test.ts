import fc from "fast-check";
import { expect, test } from "vitest";
import { toRuns } from "../../../../cli/backup/repository/storedFiles.js";

test("runs and places are the same thing", () => {
  const places = fc.array(fc.option(fc.constantFrom("a", "b"), { nil: undefined }));
  fc.assert(
    fc.property(places, (names) => {
      const runs = toRuns(names);
      const back = runs.flatMap((run) =>
        typeof run === "string" ? [run] : Array(run.zeros).fill(undefined),
      );
      expect(back).toEqual(names);
      expect(runs.some((run, index) => typeof run !== "string" && typeof runs[index + 1] === "object")).toBe(
        false,
      );
    }),
  );
});
