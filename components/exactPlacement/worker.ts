import { parentPort, workerData } from "node:worker_threads";
import { type Problem, solveExactly } from "../placement/index.js";
import { loadSolver } from "./loadSolver.js";

const { problem, seconds }: { problem: Problem; seconds: number } = workerData;
const solver = await loadSolver();
parentPort!.postMessage(solveExactly(problem, solver, { seconds, clock: () => performance.now() / 1000 }));
