import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { type Problem, type Solution, solve } from "../placement/index.js";

/**
 * Places with HiGHS' help, in a worker, so that the program goes on meanwhile and the time limit holds.
 *
 * @param seconds how long it may take. Default 10.
 * @returns the proven optimum; where the time does not do, what `solve` gives, which is the same on every machine.
 * @throws Error where the problem contradicts itself, or the worker can't run.
 */
export function provePlacement(problem: Problem, seconds = 10): Promise<Solution> {
  // Compiled or not, the worker is what this file is.
  const file = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: { problem, seconds } });
  return new Promise<Solution>((resolve, reject) => {
    // The solver looks at its own clock now and then only.
    const timer = setTimeout(() => finish(() => resolve(solve(problem))), seconds * 1000 + 500);
    const finish = (end: () => void) => {
      clearTimeout(timer);
      void worker.terminate();
      end();
    };
    worker.once("message", (solution: Solution) => finish(() => resolve(solution)));
    worker.once("error", (error) => finish(() => reject(error)));
    worker.once("exit", (code) =>
      finish(() => reject(new Error(`the placement's worker ended with status ${code}`))),
    );
  });
}
