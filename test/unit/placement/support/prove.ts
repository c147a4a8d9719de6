import { provePlacement } from "../../../../components/exactPlacement/index.js";

/** Proves a placement in a worker, in a process that runs the sources as they are: problem and seconds as JSON, answer as JSON. */
const { problem, seconds } = JSON.parse(process.argv[2]!);
const { measures, proven } = await provePlacement(problem, seconds);
process.stdout.write(JSON.stringify({ measures, proven }));
