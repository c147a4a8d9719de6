import { defineConfig } from "vitest/config";

const minutes = (count: number) => count * 60_000;

/** Real daemons and machines: one file at a time, as they share the machine's two or so processors. */
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
          testTimeout: minutes(3),
          hookTimeout: minutes(5),
          ...alone,
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
          ...alone,
        },
      },
    ],
  },
});
