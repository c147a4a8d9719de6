import { Agent, request } from "node:http";

/**
 * `loadClient.ts PORT CONNECTIONS [kept|new] [PATH]`: asks without a pause, over connections that are kept or over a new one each
 * time, and without trying anything again. Prints `started` with the first answer; on the end of its standard input,
 * `{"ok":…,"failed":{…}}`.
 */
const [port, connections, kind = "kept", path = "/"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: kind === "kept" });
const failed: Record<string, number> = {};
let ok = 0;
let goesOn = true;

process.stdin.on("end", () => {
  goesOn = false;
});
process.stdin.resume();

await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    while (goesOn) await ask();
  }),
);
agent.destroy();
console.log(JSON.stringify({ ok, failed }));

function ask(): Promise<void> {
  return new Promise((resolve) => {
    const count = (what: string) => {
      failed[what] = (failed[what] ?? 0) + 1;
      resolve();
    };
    const asked = request({ host: "127.0.0.1", port: Number(port), path, agent }, (answer) => {
      answer.on("error", (error) => count(`body: ${error.message}`)).resume();
      answer.on("end", () => {
        if (answer.statusCode !== 200) return count(`status ${answer.statusCode}`);
        if (++ok === 1) console.log("started");
        resolve();
      });
    });
    asked.on("error", (error: NodeJS.ErrnoException) => count(error.code ?? error.message)).end();
  });
}
