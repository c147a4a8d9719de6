// Has the repository that is named until it is told to end: a run in a process of its own.
import { once } from "node:events";
import { openRepository } from "../../../../cli/backup/openRepository.js";

const repository = await openRepository({ to: process.argv[2]! });
await repository.exclusively("berth backup", async (signal) => {
  process.stdout.write("has it\n");
  await once(signal, "abort");
});
process.exitCode = 7;
