import { defineConfig } from "vitest/config";

const minutes = (count: number) => count * 60_000;

/** Real daemons and machines, of each file's own: they wait for each other more than they compute. */
const two = { maxWorkers: 2 };
/** Where a figure is measured, nothing else may run. */
const alone = { fileParallelism: false, maxWorkers: 1 };

export default defineConfig({
  test: {
    projects: [
      // Laws are checked on many problems each, beside whatever else the machine does.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: minutes(2) } },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: minutes(6),
          hookTimeout: minutes(10),
          ...two,
        },
      },
      {
        // Too long for every change: npm run test:long.
        test: {
          name: "long",
          include: ["test/long/**/*.test.ts"],
          testTimeout: minutes(20),
          hookTimeout: minutes(5),
          ...alone,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: minutes(15),
          hookTimeout: minutes(15),
          ...two,
        },
      },
    ],
  },
});
